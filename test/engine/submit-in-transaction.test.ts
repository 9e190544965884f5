// Submits that belong to a transaction of the caller's own: they are there if and only if it commits, and leave it usable.
import assert from "node:assert/strict";
import { Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";
import pg from "pg";
import * as z from "zod";
import {
  type Clock,
  createManager,
  defineJob,
  fileRef,
  type Manager,
  type SubmitRequest,
  systemClock,
  type TransactionClient,
} from "../../src/index.ts";
import { createPostgresStore } from "../../src/stores/postgres/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { testPostgres } from "../support/postgres.ts";
import { earOf, fleetOf, tellsOf } from "../support/postgres-fleet.ts";
import { waitFor } from "../support/wait-for.ts";
import { managerFor, numbers } from "./support.ts";

const postgres = await testPostgres();

const jobs = [
  defineJob({ type: "ship", input: z.any(), run: async () => "shipped" }),
  defineJob({
    type: "import",
    input: z.object({ file: fileRef(), list: z.string() }),
    exclusive: ({ list }) => list,
    run: async () => "imported",
  }),
];
const ship = (more: Partial<SubmitRequest> = {}): SubmitRequest => ({ type: "ship", input: { order: 7 }, ...more });
const WINDOW_MS = 3_600_000;
const dedupe = (mode: "once" | "throttle" | "debounce") => ({ key: mode, windowMs: WINDOW_MS, mode });

interface WorldOptions {
  readonly queueLimit?: number;
  readonly clock?: Clock;
  readonly leaseMs?: number;
}

/** A manager over a schema of its own, and clients of a caller's; it runs no jobs before `start`. The clock is the manager's. */
async function worldFor(
  t: TestContext,
  { queueLimit = 1_000_000, clock = systemClock, ...options }: WorldOptions = {},
) {
  const fleet = fleetOf(t, postgres);
  const store = await fleet.open({ leaseThread: false, ...options });
  const manager = createManager({ store, fileStore: store.fileStore, jobs, clock, queueLimit });
  fleet.defer(() => manager.stop());
  const connect = async (config: pg.ClientConfig = {}) => {
    const client = new pg.Client({ connectionString: postgres.url, ...config });
    client.on("error", () => {});
    await client.connect();
    fleet.defer(() => client.end());
    return client;
  };
  const begin = async (how = "BEGIN") => {
    const client = await connect();
    await client.query(how);
    return client;
  };
  return { fleet, store, manager, connect, begin, dump: () => postgres.dump(fleet.schema) };
}

const refused = (code: string, message = /./) => ({ name: "PawlError", code, message });
const idsOf = async (manager: Manager) =>
  (await manager.list({ order: "oldest", limit: 200 })).items.map(({ id }) => id);

async function uploadTo(manager: Manager): Promise<string> {
  const bytes = (async function* () {
    yield Buffer.from("name\nAda\n");
  })();
  return (await manager.files.upload(bytes, { name: "a.csv", mediaType: "text/csv", maxBytes: 100 })).id;
}

/** Every way to submit, each of which writes something. `taken` is the key of an unfinished job. */
async function submitEverything(manager: Manager, tx: TransactionClient, file: string): Promise<void> {
  await manager.submit(ship({ key: "mine", labels: { city: "Oslo" } }), { tx });
  await manager.submit({ type: "import", input: { file, list: "all" } }, { tx });
  await manager.submit(ship(), { tx, idempotencyKey: "once" });
  await manager.submitAll([ship(), ship({ key: "other" })], { tx, idempotencyKey: "all" });
  await manager.submitAll(
    numbers(150).map(() => ship()),
    { tx },
  );
  for (const mode of ["once", "throttle", "throttle", "debounce", "debounce"] as const) {
    await manager.submit(ship({ dedupe: dedupe(mode) }), { tx });
  }
  await assert.rejects(manager.submit(ship({ key: "taken" }), { tx }), refused("key_taken"));
  await assert.rejects(manager.submitAll([ship(), ship({ key: "taken" })], { tx }), refused("key_taken"));
}

describe("a submit in a transaction of the caller's", { skip: postgres.skip, concurrency: 3 }, () => {
  test("is there for others when the transaction commits, and runs", async (t) => {
    const { manager, begin } = await worldFor(t);
    await manager.start();
    const tx = await begin();
    const job = await manager.submit(ship({ labels: { city: "Oslo" }, priority: 3 }), { tx, actor: "ada" });
    const { id } = job;
    assert.deepEqual([job.state, job.priority, job.input], ["queued", 3, { order: 7 }]);
    assert.equal(await manager.get(id), null);
    await tx.query("COMMIT");
    assert.equal((await manager.waitUntil(id, "final")).output, "shipped");
    const [first] = await manager.history(id);
    assert.deepEqual([first?.kind, first?.actor, first?.at], ["submit", "ada", Date.parse(job.createdAt)]);
    assert.deepEqual(
      (await manager.list({ label: "city:Oslo" })).items.map((found) => found.id),
      [id],
    );
  });

  test("leaves nothing at all when the transaction rolls back, or goes back to a savepoint", async (t) => {
    const { manager, begin, dump } = await worldFor(t);
    const file = await uploadTo(manager);
    await manager.submit(ship({ key: "taken" }));
    await manager.submit(ship({ dedupe: dedupe("throttle") }));
    const before = await dump();
    const tx = await begin();
    await submitEverything(manager, tx, file);
    await tx.query("ROLLBACK");
    assert.deepEqual(await dump(), before);
    await tx.query("BEGIN; SAVEPOINT mine");
    await submitEverything(manager, tx, file);
    await tx.query("ROLLBACK TO mine; COMMIT");
    assert.deepEqual(await dump(), before);
  });

  test("leaves nothing when the caller dies in the middle", async (t) => {
    const { manager, connect, dump } = await worldFor(t);
    const file = await uploadTo(manager);
    await manager.submit(ship({ key: "taken" }));
    const before = await dump();
    const socket = new Socket();
    const tx = await connect({ stream: () => socket });
    const watcher = await connect();
    await tx.query("BEGIN");
    const [{ pid }] = (await tx.query("SELECT pg_backend_pid() AS pid")).rows;
    await submitEverything(manager, tx, file);
    socket.destroy();
    const isGone = async () =>
      (await watcher.query("SELECT FROM pg_stat_activity WHERE pid = $1", [pid])).rows.length === 0;
    await waitFor(isGone, { what: "the server to notice" });
    assert.deepEqual(await dump(), before);
  });

  test("keeps everything with the commit: counts, labels, files, windows and idempotency keys", async (t) => {
    const { manager, begin } = await worldFor(t);
    const file = await uploadTo(manager);
    await manager.submit(ship({ key: "taken" }));
    const tx = await begin();
    await submitEverything(manager, tx, file);
    await tx.query("COMMIT");
    const ids = await idsOf(manager);
    // One was there; one each, two together, 150, and of the windows one, two and one.
    assert.equal(ids.length, 1 + 3 + 2 + 150 + 4);
    const { states } = await manager.stats();
    assert.equal(states.queued, ids.length);
    const [importJob] = (await manager.list({ type: ["import"] })).items;
    assert.equal((await manager.files.get(file))?.jobId, importJob?.id);
    const again = await manager.submitOnce(ship(), { idempotencyKey: "once" });
    assert.deepEqual([again.outcome, ids.includes(again.job.id)], ["existing", true]);
    assert.equal((await manager.submitOnce(ship({ dedupe: dedupe("once") }))).outcome, "existing");
    assert.equal((await idsOf(manager)).length, ids.length);
  });

  test("prepares nothing and sets nothing on the caller's session", async (t) => {
    const { manager, connect } = await worldFor(t);
    const file = await uploadTo(manager);
    await manager.submit(ship({ key: "taken" }));
    const tx = await connect();
    const session = async () =>
      (
        await tx.query(`SELECT (SELECT count(*) FROM pg_prepared_statements) AS prepared,
          (SELECT json_agg(json_build_array(name, setting) ORDER BY name) FROM pg_settings) AS settings,
          (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory') AS locks`)
      ).rows;
    const before = await session();
    await tx.query("BEGIN");
    await submitEverything(manager, tx, file);
    await tx.query("COMMIT");
    assert.deepEqual(await session(), before);
  });

  test("is one statement where the transaction has written already, and by any client that runs statements", async (t) => {
    const { manager, begin } = await worldFor(t);
    const client = await begin();
    await client.query("CREATE TEMPORARY TABLE orders ON COMMIT DROP AS SELECT 7 AS id");
    let statements = 0;
    const tx: TransactionClient = {
      async query(text, values) {
        statements += 1;
        return { rows: (await client.query(text, values)).rows };
      },
    };
    const one = await manager.submit(ship({ key: "k" }), { tx });
    assert.equal(statements, 1);
    const many = await manager.submitAll([ship(), ship()], { tx });
    assert.equal(statements, 2);
    await client.query("COMMIT");
    assert.deepEqual(
      await idsOf(manager),
      [one, ...many].map(({ id }) => id),
    );
  });

  test("wakes workers by a notice of the commit, not by looking", async (t) => {
    // No timer of the worker's ever fires.
    const clock = createFakeClock(systemClock.now());
    const { manager, begin, store, fleet } = await worldFor(t, { clock, leaseMs: 600_000 });
    await manager.start();
    const other = await fleet.open({ leaseThread: false });
    const ear = earOf(store);
    const hears = async () => {
      await other.queues.setQueue({ name: "any" });
      return ear.heard((notice) => notice.kind === "work");
    };
    await waitFor(hears, { what: "notices to be heard" });
    const tx = await begin();
    const { id } = await manager.submit(ship(), { tx });
    await tx.query("COMMIT");
    await ear.hears("the submit", tellsOf(id, "queued"));
    const job = await manager.waitUntil(id, "final", { signal: AbortSignal.timeout(60_000) });
    assert.equal(job.state, "succeeded");
  });

  test("is told to nobody before the commit, to everybody after it", async (t) => {
    const { manager, begin, store, fleet } = await worldFor(t);
    const others = [earOf(store), earOf(await fleet.open({ leaseThread: false }))];
    const tx = await begin();
    const { id } = await manager.submit(ship({ key: "k" }), { tx });
    const [together] = await manager.submitAll([ship(), ship({ key: "l" })], { tx });
    const [window] = [await manager.submit(ship({ dedupe: dedupe("debounce") }), { tx })];
    const later = await manager.submit(ship());
    for (const ear of others) {
      await ear.hears("a later submit", tellsOf(later.id, "queued"));
      assert.equal(ear.heard(tellsOf(id, "queued")), false);
    }
    await tx.query("COMMIT");
    for (const ear of others) {
      for (const told of [id, together?.id, window.id]) await ear.hears("the submit", tellsOf(told ?? "", "queued"));
    }
  });
});

describe("a refusal in a transaction of the caller's", { skip: postgres.skip, concurrency: 3 }, () => {
  test("leaves the transaction as it was", async (t) => {
    const { manager, begin } = await worldFor(t);
    const file = await uploadTo(manager);
    const list = { type: "import", input: { file, list: "all" } };
    const held = await manager.submit(list);
    const taken = await manager.submit(ship({ key: "taken" }), { idempotencyKey: "i" });
    const tx = await begin();
    const mine = await manager.submit(ship({ key: "mine" }), { tx });
    const refusals: readonly [() => Promise<unknown>, object][] = [
      [() => manager.submit(ship({ key: "taken" }), { tx }), { code: "key_taken", extras: { holder: taken.id } }],
      [() => manager.submit(ship({ key: "mine" }), { tx }), { code: "key_taken", extras: { holder: mine.id } }],
      [() => manager.submit(list, { tx }), { code: "exclusive_group_taken", extras: { holder: held.id } }],
      [() => manager.submit({ ...list, dedupe: dedupe("once") }, { tx }), { code: "exclusive_group_taken" }],
      [() => manager.submit(ship({ key: "mine" }), { tx, idempotencyKey: "j" }), { code: "key_taken" }],
      [() => manager.submit(ship(), { tx, idempotencyKey: "i" }), { code: "idempotency_conflict" }],
      [() => manager.submitAll([ship(), ship({ key: "mine" })], { tx }), refused("key_taken", /job 1 of the batch/)],
      [() => manager.submitAll([ship(), ship({ dedupe: dedupe("once") })], { tx }), { code: "invalid_request" }],
      [() => manager.submit(ship({ key: "a\0b" }), { tx }), refused("invalid_request", /such as NUL/)],
      [() => manager.submit(ship(), { tx, idempotencyKey: "\0" }), refused("invalid_request", /such as NUL/)],
      [() => manager.submit(ship({ labels: { a: "\0" } }), { tx }), refused("invalid_request", /such as NUL/)],
      [() => manager.submit({ type: "nothing", input: {} }, { tx }), { code: "unknown_job_type" }],
    ];
    for (const [submit, expected] of refusals) {
      await assert.rejects(submit(), expected);
      assert.equal((await tx.query("SELECT 1 AS one")).rows[0].one, 1);
    }
    const last = await manager.submit(ship(), { tx });
    await tx.query("COMMIT");
    assert.deepEqual(await idsOf(manager), [held.id, taken.id, mine.id, last.id]);
    assert.equal((await manager.stats()).states.queued, 4);
  });

  test("comes when the queue is full, with what the transaction itself has added", async (t) => {
    const { manager, begin } = await worldFor(t, { queueLimit: 3 });
    await manager.submit(ship());
    const tx = await begin();
    await manager.submit(ship(), { tx });
    await assert.rejects(manager.submitAll([ship(), ship()], { tx }), refused("queue_full"));
    await manager.submit(ship(), { tx });
    for (const more of [{}, { dedupe: dedupe("once") }, { key: "k" }]) {
      await assert.rejects(manager.submit(ship(more), { tx }), refused("queue_full"));
    }
    const elsewhere = await manager.submit(ship({ queue: "other" }), { tx });
    await tx.query("COMMIT");
    await assert.rejects(manager.submit(ship()), refused("queue_full"));
    assert.deepEqual([(await idsOf(manager)).length, (await idsOf(manager)).at(-1)], [4, elsewhere.id]);
  });

  test("waits for an open transaction that holds the key, and nobody without the key waits along", {
    timeout: 60_000,
  }, async (t) => {
    const { manager, begin, connect, fleet } = await worldFor(t);
    const watcher = await connect();
    const waiters = async () => {
      const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'";
      return (await watcher.query(waiting, [`"${fleet.schema}".jobs`])).rows.length;
    };
    const submit = () => manager.submit(ship({ key: "k" }));
    for (const end of ["ROLLBACK", "COMMIT"]) {
      const tx = await begin();
      const held = await manager.submit(ship({ key: "k" }), { tx });
      const first = submit();
      await waitFor(async () => (await waiters()) > 0, { what: "the other submit to wait" });
      const second = submit();
      await Promise.all(numbers(3).map(() => manager.submit(ship())));
      const ended = Promise.allSettled([first, second]);
      await tx.query(end);
      await ended;
      const holder = end === "COMMIT" ? held.id : (await first).id;
      if (end === "COMMIT") await assert.rejects(first, { code: "key_taken", extras: { holder } });
      await assert.rejects(second, { code: "key_taken", extras: { holder } });
      await manager.cancel(holder);
    }
  });

  test("is a serialization failure where the transaction sees only what was there when it began", async (t) => {
    const { manager, begin } = await worldFor(t);
    for (const [n, level] of ["REPEATABLE READ", "SERIALIZABLE"].entries()) {
      const tx = await begin(`BEGIN ISOLATION LEVEL ${level}`);
      await tx.query("SELECT count(*) FROM pg_class");
      await manager.submit(ship({ key: `k ${n}` }));
      await assert.rejects(manager.submit(ship({ key: `k ${n}` }), { tx }), { code: "40001" });
      await tx.query("ROLLBACK");
    }
  });

  test("is possible for one of several submits at once on one client", async (t) => {
    const { manager, begin } = await worldFor(t);
    const tx = await begin();
    const results = await Promise.allSettled([
      manager.submit(ship({ key: "a" }), { tx }),
      manager.submitAll([ship(), ship({ key: "a" })], { tx }),
      manager.submit(ship({ dedupe: dedupe("throttle") }), { tx }),
      manager.submitAll([ship({ key: "b" }), ship({ key: "a" })], { tx }),
      manager.submit(ship({ key: "b" }), { tx }),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"],
    );
    await tx.query("COMMIT");
    assert.equal((await idsOf(manager)).length, 3);
  });
});

describe("deduplication in a transaction of the caller's", { skip: postgres.skip, concurrency: 3 }, () => {
  test("answers the job that stands for the submit, the transaction's own or an earlier one", async (t) => {
    const { manager, begin } = await worldFor(t);
    const earlier = await manager.submitOnce(ship({ dedupe: dedupe("once") }));
    await manager.submit(ship({ dedupe: dedupe("throttle") }));
    const waiting = await manager.submit(ship({ dedupe: dedupe("throttle") }));
    const tx = await begin();
    const submit = (mode: "once" | "throttle" | "debounce", order: number) =>
      manager.submitOnce(ship({ input: { order }, dedupe: dedupe(mode) }), { tx });
    assert.deepEqual(await submit("once", 1), { outcome: "existing", job: earlier.job });
    const merged = await submit("throttle", 2);
    assert.deepEqual([merged.outcome, merged.job.id, merged.job.input], ["existing", waiting.id, { order: 2 }]);
    const opened = await submit("debounce", 3);
    assert.equal(opened.outcome, "created");
    const pushed = await submit("debounce", 4);
    assert.deepEqual([pushed.outcome, pushed.job.id, pushed.job.input], ["existing", opened.job.id, { order: 4 }]);
    assert.deepEqual((await manager.get(waiting.id))?.input, { order: 7 });
    await tx.query("COMMIT");
    assert.deepEqual((await manager.get(waiting.id))?.input, { order: 2 });
    assert.deepEqual((await manager.get(opened.job.id))?.input, { order: 4 });
  });

  test("and an idempotency key make a transaction that is repeated answer the same jobs", async (t) => {
    const { manager, begin } = await worldFor(t);
    const submit = async (how: string) => {
      const tx = await begin(how);
      const once = await manager.submitOnce(ship(), { tx, idempotencyKey: "a" });
      const all = await manager.submitAll([ship(), ship()], { tx, idempotencyKey: "b" });
      await tx.query("COMMIT");
      return { outcome: once.outcome, ids: [once.job, ...all].map(({ id }) => id) };
    };
    const first = await submit("BEGIN");
    assert.deepEqual(await submit("BEGIN ISOLATION LEVEL SERIALIZABLE"), { ...first, outcome: "existing" });
    assert.deepEqual(await idsOf(manager), first.ids);
  });
});

describe("what is no transaction in the store's schema", { skip: postgres.skip, concurrency: 3 }, () => {
  test("is refused: a client that has not begun, a pool, something else", async (t) => {
    const { manager, connect } = await worldFor(t);
    const notBegun = refused("invalid_request", /not in a transaction: nothing was stored\. Say BEGIN/);
    for (const tx of [await connect(), postgres.poolFor(t)]) {
      await assert.rejects(manager.submit(ship(), { tx }), notBegun);
      await assert.rejects(manager.submit(ship({ dedupe: dedupe("once") }), { tx }), notBegun);
      await assert.rejects(manager.submitAll([ship()], { tx, idempotencyKey: "i" }), notBegun);
    }
    const tx: TransactionClient = JSON.parse("{}");
    await assert.rejects(manager.submit(ship(), { tx }), refused("invalid_request", /no method query/));
    assert.deepEqual(await idsOf(manager), []);
  });

  test("is refused: another database, also one with a schema of the same name", async (t) => {
    const { manager, fleet, connect } = await worldFor(t);
    const name = `${fleet.schema}_other`;
    await postgres.runAlone(`CREATE DATABASE ${name}`);
    fleet.defer(() => postgres.runAlone(`DROP DATABASE ${name} WITH (FORCE)`));
    const other = new URL(postgres.url);
    other.pathname = `/${name}`;
    const begin = async () => {
      const client = await connect({ connectionString: other.href });
      await client.query("BEGIN");
      return client;
    };
    const missing = refused("invalid_request", /has no schema ".*" with the jobs of this store\. Roll back/);
    const tx = await begin();
    await assert.rejects(manager.submit(ship(), { tx }), missing);
    await tx.query("ROLLBACK; BEGIN");
    await assert.rejects(manager.submit(ship({ dedupe: dedupe("once") }), { tx }), missing);
    const twin = await createPostgresStore({
      url: other.href,
      schema: fleet.schema,
      clock: systemClock,
      leaseThread: false,
    });
    await twin.close();
    const before = await begin();
    await before.query("CREATE TEMPORARY TABLE orders (id bigint)");
    const foreign = refused("invalid_request", /is not the one of this store, but another of the same name: nothing/);
    await assert.rejects(manager.submit(ship(), { tx: before }), foreign);
    await assert.rejects(manager.submit(ship({ dedupe: dedupe("once") }), { tx: before }), foreign);
    const { rows } = await before.query(`SELECT FROM ${fleet.schema}.jobs`);
    assert.equal(rows.length, 0);
  });

  test("is refused: a role that may not write there, until it is granted what the message names", async (t) => {
    const { manager, fleet, begin } = await worldFor(t);
    const role = `${fleet.schema}_role`;
    await postgres.runAlone(`CREATE ROLE ${role}`);
    fleet.defer(() => postgres.runAlone(`DROP ROLE ${role}`));
    const tx = await begin();
    await tx.query(`SET LOCAL ROLE ${role}`);
    const denied = refused("invalid_request", /The role of tx may not write to the schema .* grant it USAGE/);
    await assert.rejects(manager.submit(ship(), { tx }), denied);
    await postgres.runAlone(`GRANT USAGE ON SCHEMA ${fleet.schema} TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${fleet.schema} TO ${role}`);
    fleet.defer(() => postgres.runAlone(`DROP OWNED BY ${role}`));
    await manager.submit(ship({ key: "taken" }));
    const file = await uploadTo(manager);
    await tx.query(`ROLLBACK; BEGIN; SET LOCAL ROLE ${role}`);
    await submitEverything(manager, tx, file);
  });
});

test("SQLite cannot take part in a transaction of the caller's, and says why", async (t) => {
  const { manager } = await managerFor(t, { jobs });
  const tx: TransactionClient = { query: async () => assert.fail("It is not asked anything.") };
  const why =
    /on SQLite, which writes on a thread and a connection of its own.*Leave tx out and submit after your COMMIT/;
  await assert.rejects(manager.submit(ship(), { tx }), refused("invalid_request", why));
  await assert.rejects(manager.submitAll([ship()], { tx }), refused("invalid_request", why));
  assert.deepEqual(await idsOf(manager), []);
});
