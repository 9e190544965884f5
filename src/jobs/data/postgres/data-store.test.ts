// What only a data store in PostgreSQL promises: many processes, and a database that may be away.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openPostgresData } from "../../../../test/support/data-store.ts";
import { changeData } from "../../../../test/support/import-writer.ts";
import { testPostgres } from "../../../../test/support/postgres.ts";
import { openPostgresProxy } from "../../../../test/support/postgres-proxy.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { PawlError, type SourceContext, TryAgainLater } from "../../../index.ts";
import type { DataStore } from "../data-store.ts";
import { createPostgresDataStore } from "./data-store.ts";

const postgres = await testPostgres();
const { skip } = postgres;

const shape = { columns: [{ name: "id", type: "integer" } as const], dayColumn: null };
const context: SourceContext = { openFile: () => Promise.reject(new Error("a dataset needs no file")) };

const newImport = (jobId: string) => ({ jobId, run: 1, dataset: "people", shape, total: 1 });
const rowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ line: first + index, day: null, values: [String(first + index)] }));

/** Two data stores on the same data, as two processes have them. */
async function twoProcesses(t: TestContext): Promise<readonly [DataStore, DataStore]> {
  const { data, again, remove } = await openPostgresData(postgres);
  const other = await again();
  t.after(async () => {
    await other.close();
    await remove();
  });
  return [data, other];
}

async function idsOf({ catalog }: DataStore): Promise<readonly (string | undefined)[]> {
  return ((await catalog.rows("people", { limit: 100_000, after: null })) ?? []).map((row) => row.values.id);
}

/** Holds transactions at a point until it is let go. */
function createHold() {
  const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  return {
    reached: reached.promise,
    goOn: goOn.resolve,
    async stop(): Promise<void> {
      reached.resolve();
      await goOn.promise;
    },
  };
}

/** Waits until another transaction waits for a lock. */
function someoneWaits(t: TestContext): Promise<unknown> {
  const pool = postgres.poolFor(t);
  const waiting = `
    SELECT 1 FROM pg_stat_activity
    WHERE application_name = 'pawl data' AND wait_event_type = 'Lock' AND query LIKE '%${postgres.schema}%'`;
  return waitFor(async () => (await pool.query(waiting)).rows.length > 0, { what: "a transaction that waits" });
}

test("many processes open an empty database at once, and all of them can use it", { skip }, async (t) => {
  const schema = `${postgres.schema}_at_once`;
  const stores = await Promise.all(
    Array.from({ length: 5 }, () => createPostgresDataStore({ url: postgres.url, schema, connections: 1 })),
  );
  t.after(async () => {
    for (const data of stores) await data.close();
    await postgres.runAlone(`DROP SCHEMA ${schema} CASCADE`);
  });
  await Promise.all(
    stores.map((data, index) => changeData(data, (imports) => imports.begin(newImport(`job-${index}`)))),
  );
  assert.equal((await stores[0]?.catalog.list())?.[0]?.imports.length, 5);
});

test("a schema that a newer program made is refused, and so is a database that does not answer", {
  skip,
}, async (t) => {
  const schema = `${postgres.schema}_newer`;
  await (await createPostgresDataStore({ url: postgres.url, schema })).close();
  t.after(() => postgres.runAlone(`DROP SCHEMA ${schema} CASCADE`));
  await postgres.runAlone(`UPDATE ${schema}.schema_version SET version = 99`);
  await assert.rejects(createPostgresDataStore({ url: postgres.url, schema }), {
    code: "store_unavailable",
    message: new RegExp(`"${schema}" has version 99.*Start the newer program again`),
  });
  const proxy = await openPostgresProxy(t, postgres.url);
  proxy.cut();
  await assert.rejects(createPostgresDataStore({ url: proxy.url, schema }), {
    code: "store_unavailable",
    message: /does not answer/,
  });
});

test("two processes import into one dataset at once, and each import keeps its own rows", { skip }, async (t) => {
  const processes = await twoProcesses(t);
  const importing = processes.map(async (data, index) => {
    const { id } = await changeData(data, (imports) => imports.begin(newImport(`job-${index}`)));
    for (let batch = 0; batch < 10; batch += 1) {
      const rows = rowsFrom(index * 10_000 + batch * 100, 100);
      await changeData(data, (imports) => imports.add({ importId: id, rows, rejects: [], maxRejected: 0 }));
    }
    return id;
  });
  const ids = await Promise.all(importing);
  const [one, other] = processes;
  const own = (index: number) => rowsFrom(index * 10_000, 1_000).map(({ values }) => values[0]);
  const first = ids[0] === Math.min(...ids) ? [own(0), own(1)] : [own(1), own(0)];
  assert.deepEqual(await idsOf(one), first.flat());
  while ((await changeData(other, (imports) => imports.removeSome("job-0"))) > 0);
  assert.deepEqual(await idsOf(one), own(1));
});

test("the last two imports are removed at once, and the dataset goes with them", { skip }, async (t) => {
  const [one, other] = await twoProcesses(t);
  for (const jobId of ["job-0", "job-1"]) await changeData(one, (imports) => imports.begin(newImport(jobId)));
  const hold = createHold();
  const first = changeData(one, async (imports) => {
    await imports.removeSome("job-0");
    await hold.stop();
  });
  await hold.reached;
  const second = changeData(other, (imports) => imports.removeSome("job-1"));
  await someoneWaits(t);
  hold.goOn();
  await Promise.all([first, second]);
  assert.deepEqual(await one.catalog.list(), []);
});

test("where a role's transactions see nothing new, one of two such removals comes again", { skip }, async (t) => {
  const { data: one, again, remove } = await openPostgresData(postgres);
  const url = new URL(postgres.url);
  url.searchParams.set("options", "-c default_transaction_isolation=serializable");
  const other = await again({ url: url.href });
  t.after(async () => {
    await other.close();
    await remove();
  });
  for (const jobId of ["job-0", "job-1"]) await changeData(one, (imports) => imports.begin(newImport(jobId)));
  const hold = createHold();
  const first = changeData(one, async (imports) => {
    await imports.removeSome("job-0");
    await hold.stop();
  });
  await hold.reached;
  const second = assert.rejects(
    changeData(other, (imports) => imports.removeSome("job-1")),
    TryAgainLater,
  );
  await someoneWaits(t);
  hold.goOn();
  await Promise.all([first, second]);
  await changeData(other, (imports) => imports.removeSome("job-1"));
  assert.deepEqual(await one.catalog.list(), []);
});

test("an import begins while the last one is removed, and has its dataset", { skip }, async (t) => {
  const [one, other] = await twoProcesses(t);
  await changeData(one, (imports) => imports.begin(newImport("job-0")));
  const hold = createHold();
  const removal = changeData(one, async (imports) => {
    await imports.removeSome("job-0");
    await hold.stop();
  });
  await hold.reached;
  const beginning = changeData(other, (imports) => imports.begin(newImport("job-1")));
  await someoneWaits(t);
  hold.goOn();
  await Promise.all([removal, beginning]);
  assert.deepEqual(
    (await one.catalog.list()).map(({ name, imports }) => [name, imports.map(({ jobId }) => jobId)]),
    [["people", ["job-1"]]],
  );
});

test("the last import is removed while another one begins, which keeps the dataset", { skip }, async (t) => {
  const [one, other] = await twoProcesses(t);
  await changeData(one, (imports) => imports.begin(newImport("job-0")));
  const hold = createHold();
  const beginning = changeData(one, async (imports) => {
    await imports.begin(newImport("job-1"));
    await hold.stop();
  });
  await hold.reached;
  const removal = changeData(other, (imports) => imports.removeSome("job-0"));
  await someoneWaits(t);
  hold.goOn();
  await Promise.all([beginning, removal]);
  assert.equal((await one.catalog.list())[0]?.imports.length, 1);
});

test("of many who ask for one name at once, one has it at a time, and all others are told", { skip }, async (t) => {
  const processes = await twoProcesses(t);
  const all = { limit: 10, after: null };
  const asking = Array.from({ length: 60 }, (_, line) =>
    processes.map(async ({ teams }, index) => {
      const origin = { jobId: `job-${index}`, line };
      await teams.create(origin, { name: "Red", values: {} });
      const made = (await teams.teams(all)).map(({ jobId, line: of }) => ({ jobId, line: of }));
      await teams.remove(origin);
      assert.deepEqual(made, [origin]);
    }),
  );
  const outcomes = await Promise.allSettled(asking.flat());
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.ok(refused.length < outcomes.length);
  for (const { reason } of refused) assert.equal(reason.code, "name_taken", String(reason));
  assert.deepEqual(await processes[0].teams.teams(all), []);
});

test("connections that break while nobody uses them harm nobody", { skip }, async (t) => {
  const { data, remove } = await openPostgresData(postgres);
  t.after(remove);
  const pool = postgres.poolFor(t);
  await data.catalog.list();
  const mine = `FROM pg_stat_activity WHERE application_name = 'pawl data' AND query LIKE '%${postgres.schema}%'`;
  const { rows } = await pool.query(`SELECT pg_terminate_backend(pid) AS ended ${mine}`);
  assert.ok(rows.length > 0);
  await waitFor(async () => (await pool.query(`SELECT 1 ${mine}`)).rows.length === 0, { what: "the end of them" });
  const listed = async () => {
    try {
      return await data.catalog.list();
    } catch (error) {
      // One that was handed out before the driver heard of its end.
      assert.equal(error instanceof PawlError && error.code, "store_unavailable");
      return null;
    }
  };
  assert.deepEqual(await waitFor(listed, { what: "a connection that works" }), []);
});

test("while the database is away, a job puts itself off, and a person is told", { skip }, async (t) => {
  const { data: direct, again, remove } = await openPostgresData(postgres);
  const proxy = await openPostgresProxy(t, postgres.url);
  const data = await again({ url: proxy.url });
  t.after(async () => {
    await data.close();
    await remove();
  });
  const { id } = await changeData(direct, (imports) => imports.begin(newImport("job-0")));
  await changeData(direct, (imports) =>
    imports.add({ importId: id, rows: rowsFrom(1, 5), rejects: [], maxRejected: 0 }),
  );
  const picture = await data.reader.picture("people");
  assert.ok(picture);
  proxy.cut();
  const team = { name: "Red", values: {} };
  const origin = { jobId: "job-0", line: 1 };
  const ofJobs: Readonly<Record<string, () => Promise<unknown>>> = {
    shapeOf: () => data.imports.shapeOf("people"),
    find: () => data.imports.find("job-0"),
    rejects: () => data.imports.rejects(id, { after: 0, limit: 1 }),
    picture: () => data.reader.picture("people"),
    rows: async () => {
      for await (const _group of data.reader.rows(picture).entries(context, null));
    },
    begin: () => changeData(data, (imports) => imports.begin(newImport("job-1"))),
    create: () => data.teams.create(origin, team),
    remove: () => data.teams.remove(origin),
  };
  for (const [name, call] of Object.entries(ofJobs)) await assert.rejects(call, TryAgainLater, name);
  const ofPeople: Readonly<Record<string, () => Promise<unknown>>> = {
    list: () => data.catalog.list(),
    rows: () => data.catalog.rows("people", { limit: 1, after: null }),
    teams: () => data.teams.teams({ limit: 1, after: null }),
  };
  for (const [name, call] of Object.entries(ofPeople)) {
    await assert.rejects(call, { code: "store_unavailable", message: /does not answer/ }, name);
  }
  proxy.heal();
  for (const [name, call] of Object.entries({ ...ofJobs, ...ofPeople })) await assert.doesNotReject(call, name);
});

test("what a job and a person read of many rows is found by an index", { skip }, async (t) => {
  const { data, again, remove } = await openPostgresData(postgres);
  t.after(remove);
  const { id } = await changeData(data, (imports) => imports.begin(newImport("job-0")));
  for (let batch = 0; batch < 4; batch += 1) {
    const rejects = rowsFrom(0, 5_000).map(({ line, values }) => ({
      line,
      column: 1,
      reason: "",
      value: "",
      fields: values,
    }));
    await changeData(data, (imports) =>
      imports.add({ importId: id, rows: rowsFrom(batch * 5_000, 5_000), rejects, maxRejected: 100_000 }),
    );
  }
  for (let line = 0; line < 50; line += 1)
    await data.teams.create({ jobId: "job-0", line }, { name: `${line}`, values: {} });
  const reader = await again();
  const picture = await reader.reader.picture("people");
  assert.ok(picture);
  for await (const _group of reader.reader.rows(picture).entries(context, null));
  assert.equal((await idsOf(reader)).length, 20_000);
  for (let page = 0; page < 20; page += 1) await reader.imports.rejects(id, { after: page * 1_000, limit: 1_000 });
  while ((await changeData(reader, (imports) => imports.removeSome("job-0"))) > 0);
  await reader.close();
  await data.close();
  // A connection hands its counts in when it ends.
  const pool = postgres.poolFor(t);
  const open = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'pawl data' AND query LIKE '%${postgres.schema}%'`;
  await waitFor(async () => (await pool.query(open)).rows.length === 0, { what: "the end of its connections" });
  const { rows } = await pool.query(`
    SELECT relname AS name, seq_tup_read::int AS walked, idx_scan::int > 0 AS found FROM pg_stat_user_tables
    WHERE schemaname LIKE '${postgres.schema}_data_%' AND relname IN ('row', 'rejected') AND n_tup_ins > 0 ORDER BY relname`);
  assert.deepEqual(rows, [
    { name: "rejected", walked: 0, found: true },
    { name: "row", walked: 0, found: true },
  ]);
});
