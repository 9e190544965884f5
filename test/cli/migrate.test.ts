// Moving from a data folder into PostgreSQL, as a person does it: servers that run, a server that is killed, the command.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { z } from "zod";
import { DATA_TABLES, JOB_TABLES, JOB_TABLES_LEFT } from "../../src/cli/transfer/tables.ts";
import type { Job } from "../../src/domain/job.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { createManager, defineJob, PermanentError } from "../../src/index.ts";
import type { FileStore } from "../../src/ports/file-store.ts";
import type { Store } from "../../src/ports/store.ts";
import { createPostgresStore } from "../../src/stores/postgres/index.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { writeCsvFile } from "../support/csv-file.ts";
import { checkDataset } from "../support/dataset-checker.ts";
import { createHttpClient, type HttpClient } from "../support/http-client.ts";
import { type CommandResult, runPawl } from "../support/pawl-command.ts";
import { testPostgres } from "../support/postgres.ts";
import { startServer } from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const postgres = await testPostgres();
const needed = { skip: postgres.skip };

/** A schema that goes, with that of its data, when the test ends. */
function schemaFor(t: TestContext, name: string): string {
  const schema = `${postgres.schema}_${name}`;
  t.after(() => postgres.runAlone(`DROP SCHEMA IF EXISTS ${schema}, ${schema}_data CASCADE`));
  return schema;
}

interface Move {
  readonly from: string;
  readonly schema: string;
  readonly to?: string;
}

const argumentsOf = ({ from, schema, to = postgres.url }: Move) => [
  ...["migrate", "--from", from, "--to", to, "--schema", schema],
];

const migrate = (move: Move): Promise<CommandResult> => runPawl(argumentsOf(move));

async function moved(move: Move): Promise<string> {
  const { code, stdout, stderr } = await migrate(move);
  assert.equal(code, 0, stderr);
  return stdout;
}

const serve = (folder: string, schema: string) =>
  startServer({
    dataDir: path.join(folder, "unused"),
    args: ["--database", postgres.url, "--schema", schema, "--auth", "off"],
  });

/** The server of PostgreSQL hears of a process that has ended a moment later. */
const untilUnused = (t: TestContext, schema: string) => {
  const sessions = "SELECT FROM pg_stat_activity WHERE application_name = $1";
  const pool = postgres.poolFor(t);
  return waitFor(async () => (await pool.query(sessions, [`pawl ${schema}`])).rows.length === 0, {
    what: "the sessions to end",
  });
};

/** What changes while it is looked at: a job that runs, and the queue that it is in. */
const isTicking = (item: object) =>
  ("type" in item && item.type === ticking.type) || ("name" in item && item.name === ticking.queue);

/** As the API shows everything that does not change by itself. */
async function pictureOf(client: HttpClient, jobs: readonly string[]) {
  const places = [
    ...jobs.flatMap((id) => ["", "/events", "/logs", "/artifacts"].map((part) => `jobs/${id}${part}`)),
    ...["label=team:a", "key=later", "state=failed", "limit=100"].map((query) => `jobs?${query}`),
    ...["schedules", "queues", "datasets", "datasets/people-1/rows?limit=1000", "teams?limit=1000", "tokens"],
  ];
  const picture: Record<string, unknown> = {};
  for (const place of places) {
    const answer = await client.call<{ readonly items?: readonly object[] }>("GET", `/api/v1/${place}`);
    assert.equal(answer.status, 200, place);
    const { items, ...body } = answer.body;
    picture[place] = items ? { ...body, items: items.filter((item) => !isTicking(item)) } : body;
  }
  return picture;
}

const auditOf = async (client: HttpClient) =>
  (await client.call<{ readonly items: readonly { readonly seq: number }[] }>("GET", "/api/v1/audit?limit=1000")).body
    .items;

/** A submit that counts once, however often it is made. */
async function submitOnce(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/jobs`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": "only-once" },
    body: JSON.stringify({ type: "reverse-text", input: { text: "once\0twice", delayMs: 0 } }),
  });
  const job = (await response.json()) as Job;
  assert.equal(response.ok, true, JSON.stringify(job));
  return job.id;
}

const submitWaiting = (client: HttpClient) =>
  client.call<Job>("POST", "/api/v1/jobs", {
    type: "reverse-text",
    input: { text: "later" },
    key: "later",
    labels: { team: "a" },
    availableAt: "2099-01-01T00:00:00.000Z",
  });

const ROWS = 2_000;
const ROWS_A_SECOND = 1_000;
/** So slow that whatever is imported so is stopped long before its end. */
const SLOWLY = 20;

const ticking = { type: "ticker", queue: "ticking", input: { intervalMs: 20, text: "tick" } };

/** Imports the file and pauses on the way, into another dataset each time that the import was through before. */
async function pausedImport(client: HttpClient, file: string, attempt = 1): Promise<Job> {
  const input = { dataset: `people-${attempt}`, ratePerSecond: ROWS_A_SECOND };
  const { id } = (await client.submitFile({ type: "csv-import", input }, file)).body;
  await begun(client, id);
  await client.act(id, "pause", { reason: "moving" });
  const job = await waitFor(
    async () => {
      const found = await client.get(id);
      return ["paused", "succeeded"].includes(found.state) && found;
    },
    { what: "the import to stop" },
  );
  return job.state === "paused" ? job : pausedImport(client, file, attempt + 1);
}

const begun = (client: HttpClient, id: string) =>
  waitFor(async () => ((await client.get(id)).progress.done ?? 0) > 0, { what: `job ${id} to make progress` });

/** A folder that a server has left behind when it was killed, with jobs in every state. */
async function leftBehind(folder: string) {
  const dataDir = path.join(folder, "data");
  const { stdout } = await runPawl(["tokens", "create", "--data", dataDir, "--name", "ada", "--scope", "operate"]);
  const server = await startServer({ dataDir, args: ["--auth", "off"] });
  const client = createHttpClient(server.url);
  const inFolder = (name: string) => path.join(folder, name);
  const good = await writeCsvFile(inFolder("good.csv"), ROWS);
  const teamLines = Array.from({ length: ROWS }, (_, index) => `team ${index}\n`);
  await writeFile(inFolder("teams.csv"), `name\n${teamLines.join("")}`);
  await writeFile(inFolder("bad.csv"), "name,age\nAda,36\nBob,x\n");
  const submitFile = async (type: string, file: string, input: object) =>
    (await client.submitFile({ type, input }, inFolder(file))).body.id;
  const ages = { dataset: "ages", columns: { age: "integer" } };

  const teams = await submitFile("bulk-teams", "teams.csv", { ratePerSecond: SLOWLY });
  const gone = await submitFile("csv-import", "good.csv", { dataset: "gone", ratePerSecond: SLOWLY });
  const running = (await client.call<Job>("POST", "/api/v1/jobs", ticking)).body.id;
  const cancelled = (await client.submit({ type: "reverse-text", input: { text: "never", delayMs: 600_000 } })).id;
  const once = await submitOnce(server.url);
  const waiting = (await submitWaiting(client)).body.id;
  const succeeded = await submitFile("csv-import", "bad.csv", { ...ages, maxRejected: 1 });
  await client.waitUntil(succeeded, "succeeded");
  const undone = await submitFile("csv-import", "bad.csv", ages);
  await client.call("POST", "/api/v1/schedules", yearly);
  await client.call("PATCH", "/api/v1/queues/slow", { concurrency: 2, rateLimit: { max: 5, perMs: 60_000 } });
  await client.call("POST", "/api/v1/queues/slow/pause", { reason: "not now" });
  const people = await pausedImport(client, good.path);
  await begun(client, teams);
  await client.act(teams, "pause", { reason: "moving" });
  await client.waitUntil(teams, "paused");
  await begun(client, gone);
  for (const id of [gone, cancelled]) await client.act(id, "cancel");
  for (const id of [undone, once, gone, cancelled]) await client.waitUntil(id, "final");
  await begun(client, running);

  const settled = [people.id, teams, gone, succeeded, undone, once, waiting, cancelled];
  const picture = await pictureOf(client, settled);
  const rejected = await client.bytes(`/api/v1/jobs/${succeeded}/artifacts/rejected.csv`);
  const audit = await auditOf(client);
  await server.kill("SIGKILL");
  const jobs = { people, teams, succeeded, once, waiting, running };
  return { dataDir, token: stdout.trim(), settled, picture, audit, rejected, rows: good.rows, jobs };
}

const yearly = {
  name: "yearly",
  cron: "0 0 1 1 *",
  timeZone: "Europe/Berlin",
  type: "reverse-text",
  input: { text: "happy new year" },
};

/** Made once: nothing that is moved from changes. */
const folder = postgres.skip ? "" : await mkdtemp(path.join(tmpdir(), "pawl-test-"));
after(() => rm(folder, { recursive: true, force: true }));
const left = postgres.skip ? null : await leftBehind(folder);

function theFolder() {
  assert.ok(left);
  return left;
}

/** What is kept in a folder that was left behind: the databases, and what is still in their logs. */
const databasesIn = (dataDir: string) =>
  Promise.all(["pawl.db", "pawl.db-wal", "data.db", "data.db-wal"].map((name) => readFile(path.join(dataDir, name))));

test("a server on PostgreSQL shows what the one on SQLite showed, and its jobs go on", needed, async (t) => {
  const schema = schemaFor(t, "all");
  const { dataDir, token, settled, picture, audit, rejected, rows, jobs } = theFolder();
  const { people } = jobs;
  const before = await databasesIn(dataDir);
  await moved({ from: dataDir, schema });
  assert.deepEqual(await databasesIn(dataDir), before);
  const server = await serve(folder, schema);
  const client = createHttpClient(server.url);
  const now = await pictureOf(client, settled);
  for (const [place, shown] of Object.entries(picture)) assert.deepEqual(now[place], shown, place);
  assert.deepEqual((await auditOf(client)).slice(-audit.length), audit);
  assert.deepEqual(await client.bytes(`/api/v1/jobs/${jobs.succeeded}/artifacts/rejected.csv`), rejected);

  const resume = (authorization: string) =>
    fetch(`${server.url}/api/v1/jobs/${people.id}/resume`, { method: "POST", headers: { authorization } });
  assert.equal((await resume(`Bearer ${token.slice(0, -1)}x`)).status, 401);
  assert.equal((await resume(`Bearer ${token}`)).status, 202);
  const done = await client.waitUntil(people.id, "final");
  assert.deepEqual([done.state, done.output], ["succeeded", { rows, rejected: 0 }]);
  assert.equal((await client.history(people.id)).find(({ kind }) => kind === "resume")?.actor, "ada");
  const { dataset } = people.input as { readonly dataset: string };
  await checkDataset(client, dataset, [{ jobId: people.id, rows }]);

  await client.act(jobs.teams, "cancel");
  assert.equal((await client.waitUntil(jobs.teams, "final")).state, "rolled_back");
  assert.deepEqual((await client.call<{ items: readonly unknown[] }>("GET", "/api/v1/teams")).body.items, []);

  assert.equal(await submitOnce(server.url), jobs.once);
  assert.equal((await submitWaiting(client)).status, 409);
  const kinds = async () => (await client.history(jobs.running)).map(({ kind }) => kind);
  await waitFor(async () => (await kinds()).join().endsWith("claim,lost,claim"), { what: "the lost job to go on" });
  await client.act(jobs.running, "terminate");
  const added = await client.submit({ type: "reverse-text", input: { text: "new", delayMs: 0 } });
  assert.deepEqual((await client.waitUntil(added.id, "succeeded")).output, { text: "wen" });
  await server.stop();
  await untilUnused(t, schema);

  const again = await migrate({ from: dataDir, schema });
  assert.equal(again.code, 4);
  assert.match(again.stderr, new RegExp(`The schema "${schema}" is in use: .*DROP SCHEMA IF EXISTS "${schema}"`));
});

/** Rows that wait at the door until the lock 7 is given back. */
const waitAtDoor = (table: string) => `
  CREATE FUNCTION ${table}_door() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7, hashtext('${table}')); RETURN new; END $$;
  CREATE TRIGGER door BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_door()`;

test("killed in the middle, it keeps servers away, and starts over when it is run again", needed, async (t) => {
  // Closed first, whatever goes wrong: others wait at it.
  const door = new pg.Client({ connectionString: postgres.url });
  t.after(() => door.end());
  await door.connect();
  const schema = schemaFor(t, "killed");
  const { dataDir } = theFolder();
  const first = await moved({ from: dataDir, schema });
  const table = `${schema}.audit`;
  await postgres.runAlone(waitAtDoor(table));
  const pool = postgres.poolFor(t);
  await door.query("SELECT pg_advisory_lock(7, hashtext($1))", [table]);
  const child = spawn(process.execPath, [MAIN, ...argumentsOf({ from: dataDir, schema })], { stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const waits = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 7
    AND objid = hashtext('${table}')::oid`;
  await waitFor(async () => (await pool.query(waits)).rows.length > 0, { what: "the move to come to the audit" });
  const copy = path.join(await tempFolder(t), "copy");
  await cp(dataDir, copy, { recursive: true });
  const refused = await Promise.all([dataDir, copy].map((from) => migrate({ from, schema })));
  assert.match(refused[0]?.stderr ?? "", /is owned by process/);
  assert.match(refused[1]?.stderr ?? "", /Another "pawl migrate" is filling the schema/);
  child.kill("SIGKILL");
  await ended;
  await assert.rejects(serve(folder, schema), /does not hold everything yet: "pawl migrate" is filling it from/);
  await door.end();
  await postgres.runAlone(`DROP TRIGGER door ON ${table}`);

  assert.equal(await moved({ from: `sqlite:${path.join(dataDir, "pawl.db")}`, schema }), first);
});

test("what PostgreSQL stores otherwise than SQLite is noticed, by name", needed, async (t) => {
  const schema = schemaFor(t, "altered");
  const { dataDir } = theFolder();
  await moved({ from: dataDir, schema });
  await postgres.runAlone(`
    CREATE FUNCTION ${schema}.alter() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN new.reason := upper(new.reason); RETURN new; END $$;
    CREATE TRIGGER alters BEFORE INSERT ON ${schema}.history FOR EACH ROW EXECUTE FUNCTION ${schema}.alter()`);
  const altered = await migrate({ from: dataDir, schema });
  assert.equal(altered.code, 1);
  assert.match(altered.stderr, /\npawl: The move is not right: of "history" there are (\d+) with .*, and \1 with /);
  await assert.rejects(serve(folder, schema), /does not hold everything yet/);
  await postgres.runAlone(`DROP TRIGGER alters ON ${schema}.history`);
  await moved({ from: dataDir, schema });
});

test("a server that runs, on either side, is left alone", needed, async (t) => {
  const schema = schemaFor(t, "busy");
  const dataDir = path.join(await tempFolder(t), "data");
  const server = await startServer({ dataDir });
  const owned = await migrate({ from: dataDir, schema });
  assert.equal(owned.code, 9);
  assert.match(owned.stderr, new RegExp(`is owned by process ${server.pid} `));
  await server.stop();
  const other = await serve(folder, schema);
  const used = await migrate({ from: dataDir, schema });
  assert.equal(used.code, 7);
  assert.match(used.stderr, /Servers or workers are using the schema .* now\. Stop all of them/);
  await other.stop();
  await untilUnused(t, schema);
  await moved({ from: dataDir, schema });
});

test("a wrong source or target is named, with the way out, and nothing is changed", needed, async (t) => {
  const schema = schemaFor(t, "wrong");
  const empty = await tempFolder(t);
  const foreign = path.join(empty, "foreign.db");
  new DatabaseSync(foreign).exec("CREATE TABLE contact (name TEXT)");
  await writeFile(path.join(empty, "text.db"), "This is no database, and far too long to be taken for one.".repeat(20));
  const older = path.join(empty, "older");
  await cp(theFolder().dataDir, older, { recursive: true });
  const database = new DatabaseSync(path.join(older, "pawl.db"));
  database.exec("PRAGMA user_version = 5");
  database.close();
  const from = theFolder().dataDir;
  const password = new URL(postgres.url);
  password.password = "wrong";
  const nowhere = new URL(postgres.url);
  nowhere.port = "1";
  const missing = new URL(postgres.url);
  missing.pathname = "/no_such_database";
  const isRefused = async (move: Partial<Move>, code: number, message: RegExp) => {
    const result = await migrate({ from, schema, ...move });
    assert.match(result.stderr, message);
    assert.deepEqual({ code: result.code, stdout: result.stdout }, { code, stdout: "" }, result.stderr);
  };
  await Promise.all([
    isRefused(
      { from: path.join(empty, "nothing") },
      3,
      /There is no database .*nothing\/pawl\.db: no server has run there/,
    ),
    isRefused({ from: `sqlite:${foreign}` }, 7, /is the database of another program/),
    isRefused({ from: `sqlite:${path.join(empty, "text.db")}` }, 7, /cannot be read: file is not a database/),
    isRefused({ from: older }, 7, /has version 5, .* Start the server with this program: that brings/),
    isRefused({ from: "mysql://localhost/app" }, 2, /--from must be a data folder/),
    isRefused(
      { to: "mysql://ada:secret@localhost/app" },
      2,
      /--to must look like postgres:.*"mysql:\/\/\*\*\*@localhost/,
    ),
    isRefused({ to: "postgres" }, 2, /--to postgres means the address in PAWL_DATABASE, which names none/),
    // One after the other: each of them owns the folder for a moment.
    (async () => {
      await isRefused({ to: password.href }, 7, /refuses: password authentication failed/);
      await isRefused(
        { to: nowhere.href },
        7,
        /The database postgres:.* does not answer \(.*ECONNREFUSED.* host and port of --to/,
      );
      await isRefused({ to: missing.href }, 7, /refuses: database "no_such_database" does not exist/);
    })(),
  ]);
  const found = await postgres.poolFor(t).query("SELECT 1 FROM pg_namespace WHERE nspname LIKE $1", [`${schema}%`]);
  assert.deepEqual(found.rows, []);
});

/** The columns of each table of a file. */
function tablesIn(file: string): ReadonlyMap<string, readonly string[]> {
  const database = new DatabaseSync(path.join(theFolder().dataDir, file), { readOnly: true });
  const columns = database
    .prepare(`
      SELECT s.name AS "table", c.name AS "column" FROM sqlite_schema AS s, pragma_table_info(s.name) AS c
      WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%'`)
    .all();
  database.close();
  return byTable(columns);
}

async function tablesOf(pool: pg.Pool, schema: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await pool.query(
    `SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns WHERE table_schema = $1`,
    [schema],
  );
  return byTable(rows);
}

function byTable(rows: readonly Readonly<Record<string, unknown>>[]): ReadonlyMap<string, readonly string[]> {
  const tables = Map.groupBy(rows, ({ table }) => String(table));
  return new Map([...tables].map(([name, columns]) => [name, columns.map(({ column }) => String(column)).sort()]));
}

async function nextIsNew(pool: pg.Pool, table: string, column: string): Promise<boolean> {
  const { rows } = await pool.query(
    `SELECT nextval(pg_get_serial_sequence($1, $2)) > (SELECT coalesce(max("${column}"), 0) FROM ${table}) AS is`,
    [table, column],
  );
  return rows[0]?.is === true;
}

const sorted = (names: Iterable<string>) => [...names].sort();

test(
  "sqlite means the folder that is configured; no table and no column of either side is forgotten",
  needed,
  async (t) => {
    const schema = schemaFor(t, "words");
    const { dataDir } = theFolder();
    const env = { PAWL_DATA: dataDir, PAWL_DATABASE: postgres.url, PAWL_SCHEMA: schema };
    const { code, stdout, stderr } = await runPawl(["migrate", "--from", "sqlite", "--to", "postgres"], { env });
    assert.equal(code, 0, stderr);
    assert.equal(stdout.includes("@"), false, "no user and no password");
    assert.match(stderr, /^pawl: moving row, [\d,]+$/m);

    const pool = postgres.poolFor(t);
    const sides = [
      { tables: JOB_TABLES, left: JOB_TABLES_LEFT, file: "pawl.db", schema, made: MADE_FOR_JOBS },
      { tables: DATA_TABLES, left: [], file: "data.db", schema: `${schema}_data`, made: ["schema_version"] },
    ];
    for (const { tables, left: unmoved, file, ...side } of sides) {
      const before = tablesIn(file);
      assert.deepEqual(sorted(before.keys()), sorted([...tables.map(({ source }) => source), ...unmoved]));
      const there = await tablesOf(pool, side.schema);
      assert.deepEqual(sorted(there.keys()), sorted([...tables.map(({ name }) => name), ...side.made]));
      for (const { name, source, columns, left: columnsLeft, numbered } of tables) {
        const names = columns.map((column) => column.name);
        const made = name === "jobs" ? ["log_seq"] : [];
        const movedFrom = names.filter((column) => !made.includes(column));
        assert.deepEqual(sorted(new Set([...movedFrom, ...columnsLeft])), before.get(source), source);
        const own = name === "workers" ? ["lock_key", "queues"] : [];
        assert.deepEqual(sorted([...names, ...own]), there.get(name), name);
        if (numbered !== null) assert.ok(await nextIsNew(pool, `${side.schema}."${name}"`, numbered), name);
      }
    }
  },
);

const MADE_FOR_JOBS = ["count_changes", "file_bodies", "file_chunks", "schema_version", "transfer"];

test("what a text of PostgreSQL cannot hold comes back whole, or is counted where it cannot", needed, async (t) => {
  const schema = schemaFor(t, "nul");
  const dataDir = await tempFolder(t);
  const jobs = [
    defineJob({
      type: "odd",
      input: z.string(),
      async run(job) {
        job.log.info("half \0 a \ud800 pair", { field: "\0" });
        await job.step("a\0b", () => "x\0y");
        throw new PermanentError(`bad ${job.input}`, { code: "odd\0" });
      },
    }),
  ];
  const openManager = (store: Store, fileStore: FileStore) => {
    t.after(() => store.close());
    return createManager({ store, fileStore, jobs });
  };
  const store = await createSqliteStore({ path: path.join(dataDir, "pawl.db"), clock: systemClock });
  const manager = openManager(store, createDirectoryFileStore({ directory: path.join(dataDir, "files") }));
  await manager.start();
  const { id } = await manager.submit({ type: "odd", input: "in\0put", maxAttempts: 1 });
  const failed = await manager.waitUntil(id, "failed");
  await manager.stop();
  const [lines, history] = [await manager.logs(id), await manager.history(id)];
  await store.close();
  assert.equal(failed.error?.message, "bad in\0put");

  assert.match(await moved({ from: dataDir, schema }), /^Texts in which the character NUL.* became U\+FFFD: 1\.$/m);
  const there = await createPostgresStore({ url: postgres.url, schema, clock: systemClock });
  const other = openManager(there, there.fileStore);
  assert.deepEqual(await other.get(id), failed);
  assert.deepEqual(await other.logs(id), lines);
  assert.equal(lines.length, 1);
  assert.deepEqual(await other.history(id), history);

  await other.start();
  await other.retry(id);
  await other.waitUntil(id, "failed");
  assert.deepEqual(
    (await other.logs(id)).map(({ seq }) => seq),
    [1, 2],
  );
  await other.stop();
});
