// Servers and workers of one PostgreSQL database, as a person starts them: each has its role, and any of them may end.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import type { JobTypeInfo } from "../../src/domain/job-control.ts";
import { runPawl } from "../support/pawl-command.ts";
import { testPostgres } from "../support/postgres.ts";
import {
  type ServerProcess,
  spawnServer,
  startServer,
  startWorker,
  type WorkerProcess,
} from "../support/server-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";

const postgres = await testPostgres();
const { skip } = postgres;

// Who dies is missed for the session that is gone. A lease must outlast a machine that stands still for a while.
const PLACE = ["--database", postgres.url, "--schema", postgres.schema, "--lease-ms", "10000"];

/** Servers that do not work, as different machines would be, for all tests of this file. */
let servers: readonly ServerProcess[] = [];

async function startServers(): Promise<void> {
  const dataDir = path.join(tmpdir(), "unused");
  const start = () => startServer({ dataDir, args: [...PLACE, "--no-work"] });
  servers = await Promise.all([start(), start()]);
}

async function stopServers(): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
  await postgres.runAlone(`DROP SCHEMA IF EXISTS ${postgres.schema}_data CASCADE`);
}

function serverAt(index: 0 | 1): ServerProcess {
  const server = servers[index];
  assert.ok(server);
  return server;
}

/** A worker that ends with the test. */
async function workerFor(t: TestContext, ...args: readonly string[]): Promise<WorkerProcess> {
  const dataDir = path.join(await tempFolder(t), "unused");
  const worker = await startWorker({ dataDir, args: [...PLACE, ...args] });
  t.after(() => worker.kill("SIGKILL"));
  return worker;
}

const JSON_BODY = { "content-type": "application/json" };

interface JobView {
  readonly id: string;
  readonly state: string;
  readonly worker: string | null;
  readonly attempt: number;
  readonly crashCount: number;
  readonly progress: { readonly done: number };
}

interface WorkerView {
  readonly pid: number;
  readonly queues: readonly string[] | null;
}

function callerOf({ url }: { readonly url: string }) {
  const call = async <T>(method: string, route: string, body?: unknown): Promise<T> => {
    const sent = body === undefined ? {} : { headers: JSON_BODY, body: JSON.stringify(body) };
    const reply = await fetch(`${url}/api/v1${route}`, { method, ...sent });
    assert.ok(reply.ok, `${method} ${route}: ${reply.status} ${await reply.clone().text()}`);
    return JSON.parse(await reply.text());
  };
  return {
    submit: (job: unknown): Promise<JobView> => call("POST", "/jobs", job),
    job: (id: string): Promise<JobView> => call("GET", `/jobs/${id}`),
    until: (id: string, until: string): Promise<JobView> => call("GET", `/jobs/${id}?waitMs=30000&until=${until}`),
    ask: (id: string, action: string) => call("POST", `/jobs/${id}/${action}`),
    tickersAtOnce: async () => {
      const { items } = await call<{ readonly items: readonly JobTypeInfo[] }>("GET", "/job-types");
      return items.find(({ name }) => name === "ticker")?.concurrency.total;
    },
    workers: async () => (await call<{ readonly items: readonly WorkerView[] }>("GET", "/workers")).items,
  };
}

describe("servers and workers of one database", { skip }, () => {
  before(startServers);
  after(stopServers);

  test("a server that does not work leaves jobs to the workers, and answers for them", async (t) => {
    const first = serverAt(0);
    assert.match(first.stdout(), /No jobs run in this process: start workers with pawl work\./);
    const [one, other] = [callerOf(first), callerOf(serverAt(1))];
    const { id } = await one.submit({ type: "ticker", input: { intervalMs: 20 } });
    assert.deepEqual(await one.workers(), []);
    assert.equal((await other.job(id)).state, "queued");
    const { pid } = await workerFor(t);
    await waitFor(async () => (await other.job(id)).progress.done > 2, { what: "the worker to run the job" });
    assert.deepEqual(
      (await one.workers()).map((seen) => [seen.pid, seen.queues]),
      [[pid, null]],
    );
    await other.ask(id, "pause");
    const paused = await one.until(id, "paused");
    assert.deepEqual([paused.state, paused.worker], ["paused", null]);
    await one.ask(id, "cancel");
    assert.equal((await other.job(id)).state, "cancelled");
  });

  test("what one process has room for is no limit of all of them together", async () => {
    assert.equal(await callerOf(serverAt(0)).tickersAtOnce(), null);
  });

  test("a file that one server took is read by a worker elsewhere, and its artifact by another server", {
    skip,
  }, async (t) => {
    const [first, second] = [serverAt(0), serverAt(1)];
    await workerFor(t);
    const rows = Array.from({ length: 2_000 }, (_, index) => `${index},name ${index}`);
    const form = new FormData();
    form.set("job", JSON.stringify({ type: "csv-import", input: { dataset: "people" } }));
    form.set("file", new File([`id,name\n${rows.join("\n")}\n`], "people.csv", { type: "text/csv" }));
    const submitted = await fetch(`${first.url}/api/v1/jobs`, { method: "POST", body: form });
    assert.equal(submitted.status, 201, await submitted.clone().text());
    const { id }: JobView = JSON.parse(await submitted.text());
    assert.equal((await callerOf(second).until(id, "final")).state, "succeeded");
    const exported = await callerOf(second).submit({ type: "data-export", input: { dataset: "people", raw: true } });
    assert.equal((await callerOf(first).until(exported.id, "final")).state, "succeeded");
    const csv = await (await fetch(`${first.url}/api/v1/jobs/${exported.id}/artifacts/export.csv`)).text();
    assert.deepEqual(csv.trim().split(/\r?\n/), ["id,name", ...rows]);
  });

  test("what a worker was doing when it was killed goes on in another one, and so does what a stopped one did", {
    skip,
  }, async (t) => {
    const { submit, job, until, ask } = callerOf(serverAt(0));
    const victim = await workerFor(t);
    const { id } = await submit({ type: "ticker", input: { intervalMs: 20 } });
    await waitFor(async () => (await job(id)).progress.done > 2, { what: "the first worker to run the job" });
    const heir = await workerFor(t);
    await victim.kill("SIGKILL");
    const before = (await job(id)).progress.done;
    await waitFor(async () => (await job(id)).progress.done > before + 2, { what: "the second worker to go on" });
    const recovered = await job(id);
    assert.deepEqual([recovered.attempt, recovered.crashCount], [1, 0]);
    await heir.stop();
    assert.equal((await job(id)).state, "queued", "a stop gives it back at once");
    await workerFor(t);
    await until(id, "running");
    await ask(id, "cancel");
    assert.equal((await until(id, "final")).state, "cancelled");
  });

  test("a worker takes jobs of its queues only", async (t) => {
    const { submit, until, job, workers } = callerOf(serverAt(1));
    const { pid } = await workerFor(t, "--queues", "mail,reports");
    assert.deepEqual((await workers()).find((worker) => worker.pid === pid)?.queues, ["mail", "reports"]);
    const input = { steps: 1, stepMs: 1 };
    const other = await submit({ type: "simple", queue: "imports", input });
    const own = await submit({ type: "simple", queue: "mail", input });
    assert.equal((await until(own.id, "final")).state, "succeeded");
    assert.equal((await job(other.id)).state, "queued");
    await workerFor(t, "--queues", "imports");
    assert.equal((await until(other.id, "final")).state, "succeeded");
  });

  test("tokens are made, listed and revoked in the database, beside its servers", async () => {
    const { url } = serverAt(0);
    const where = PLACE.slice(0, 4);
    const statusWith = async (token: string) =>
      (await fetch(`${url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } })).status;
    const made = await runPawl(["tokens", "create", "--name", "ada", "--scope", "read", ...where]);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stderr, new RegExp(`It is good for the schema ${postgres.schema} of postgres://`));
    assert.equal(await statusWith(made.stdout.trim()), 200);
    const listed = await runPawl(["tokens", "list", "--json", ...where]);
    assert.deepEqual(
      JSON.parse(listed.stdout).items.map(({ name, state }: Record<string, unknown>) => [name, state]),
      [["ada", "valid"]],
    );
    assert.equal((await runPawl(["tokens", "revoke", "ada", ...where])).code, 0);
    await waitFor(async () => (await statusWith(made.stdout.trim())) === 401, { what: "the token to end" });
    const elsewhere = await runPawl(["tokens", "list", ...PLACE.slice(0, 2), "--schema", "nobody_made_this"]);
    assert.equal(elsewhere.code, 3);
    assert.match(elsewhere.stderr, /^pawl: There is no schema nobody_made_this in postgres:.* --schema\.\n$/);
  });
});

test("without PostgreSQL there is no worker alone and no server alone", async (t) => {
  const dataDir = path.join(await tempFolder(t), "data");
  const refused = await runPawl(["work", "--database", path.join(dataDir, "jobs.db")]);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /^pawl: pawl work needs a database that several processes share, and .*jobs\.db is a file/,
  );
  const server = spawnServer({ dataDir, args: ["--no-work"] });
  assert.deepEqual(await server.exited, { code: 2, signal: null });
  assert.match(server.stderr(), /^pawl: --no-work needs a database that several processes share/);
});

test("a database that refuses is told with what to check, and without its password", { skip }, async (t) => {
  const dataDir = path.join(await tempFolder(t), "data");
  const missing = new URL(postgres.url);
  missing.pathname = "/no_such_database";
  const hint = "Check user, password and database of --database, and that the user may create schemas there.";
  const told = `pawl: The database ${missing.href.replace(/\/\/.*@/, "//")} refuses: database "no_such_database" does not exist. ${hint}\n`;
  const server = spawnServer({ dataDir, args: ["--database", missing.href] });
  assert.deepEqual(await server.exited, { code: 7, signal: null });
  assert.equal(server.stderr(), told);
  const tokens = await runPawl(["tokens", "list", "--database", missing.href]);
  assert.deepEqual([tokens.code, tokens.stderr], [7, told]);
});

test("a database that does not answer is told without its password", async (t) => {
  const dataDir = path.join(await tempFolder(t), "data");
  const server = spawnServer({ dataDir, args: ["--database", "postgres://ann:hunter22@127.0.0.1:1/jobs"] });
  assert.deepEqual(await server.exited, { code: 7, signal: null });
  const hint = "Start it, or check host and port of --database.";
  assert.equal(
    server.stderr(),
    `pawl: The database postgres://127.0.0.1:1/jobs does not answer (connect ECONNREFUSED 127.0.0.1:1). ${hint}\n`,
  );
  assert.doesNotMatch(server.stderr(), /hunter22/);
});
