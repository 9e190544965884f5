// Files in PostgreSQL as jobs use them: whatever process received an upload or made an artifact, every other one has it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";
import { createManager, type ManagerOptions } from "../../src/engine/create-manager.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { defineJob, fileRef, type JobContext, type Manager } from "../../src/index.ts";
import { createCsvImport } from "../../src/jobs/csv-import.ts";
import type { DataStore } from "../../src/jobs/data/data-store.ts";
import { createDataExport } from "../../src/jobs/data-export.ts";
import { createPostgresStore, type PostgresStore, type PostgresStoreOptions } from "../../src/stores/postgres/index.ts";
import { openPostgresData } from "../support/data-store.ts";
import { testPostgres } from "../support/postgres.ts";
import { openPostgresProxy } from "../support/postgres-proxy.ts";
import { people, persons } from "./shipped-jobs.ts";
import { createGate, numbers } from "./support.ts";

const postgres = await testPostgres();
const { skip, url, schema } = postgres;

interface ProcessOptions extends Partial<PostgresStoreOptions> {
  readonly jobs: ManagerOptions["jobs"];
  readonly drainMs?: number;
}

/** Short, but longer than a machine stands still that has much to do: a lease must not end by that. */
const LEASE_MS = 4_000;

/** What is a process of its own in the field: a manager with connections of its own, two of them. */
async function startProcess(t: TestContext, { jobs, drainMs = 10_000, ...changes }: ProcessOptions) {
  const store: PostgresStore = await createPostgresStore({
    url,
    schema,
    connections: 2,
    clock: systemClock,
    ...changes,
  });
  const manager = createManager({ store, fileStore: store.fileStore, jobs, drainMs });
  t.after(async () => {
    await manager.stop().catch(() => {});
    await store.close();
  });
  return { store, manager };
}

async function* bytesFrom(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

async function upload(manager: Manager, content: string | Uint8Array): Promise<string> {
  const file = { name: "rows.csv", mediaType: "text/csv", maxBytes: 2 ** 30 };
  return (await manager.files.upload(bytesFrom(content), file)).id;
}

async function artifactOf(manager: Manager, jobId: string, name: string): Promise<Buffer> {
  const { file, read } = await manager.files.artifact(jobId, name);
  const pieces: Uint8Array[] = [];
  for await (const piece of read()) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  assert.deepEqual([file.size, file.sha256], [bytes.length, createHash("sha256").update(bytes).digest("hex")]);
  return bytes;
}

test("one process receives an upload, another one imports it, and a third one hands out the export", {
  skip,
}, async (t) => {
  const { data, again, remove } = await openPostgresData(postgres);
  const stores = [data, await again(), await again()] as const;
  const start = (of: DataStore) =>
    startProcess(t, { jobs: [createCsvImport({ data: of }), createDataExport({ data: of })] });
  const [server, worker, other] = [await start(stores[0]), await start(stores[1]), await start(stores[2])];
  t.after(async () => {
    for (const store of stores) await store.close();
    await remove();
  });
  const content = people(20_000);
  const file = await upload(server.manager, content);
  const { id } = await server.manager.submit({ type: "csv-import", input: { file, dataset: "people" } });
  await worker.manager.start();
  const imported = await server.manager.waitUntil(id, "final");
  assert.deepEqual([imported.state, imported.progress.done], ["succeeded", 20_000], JSON.stringify(imported.error));
  const rows = (await data.catalog.rows("people", { limit: 100_000, after: null })) ?? [];
  assert.deepEqual(
    rows.map((row) => Object.values(row.values)),
    persons(20_000),
  );
  const exported = await server.manager.submit({ type: "data-export", input: { dataset: "people", format: "csv" } });
  assert.equal((await other.manager.waitUntil(exported.id, "final")).state, "succeeded");
  const csv = (await artifactOf(other.manager, exported.id, "export.csv")).toString();
  assert.equal(csv.replaceAll("\r\n", "\n"), content);
  await other.manager.remove(exported.id);
  await other.manager.remove(id);
  for await (const left of server.store.fileStore.list()) assert.fail(`The file ${left.id} is left.`);
});

/** Writes a line a number, of which one is longer than a chunk, and waits once, past a checkpoint, until it is let go on. */
function lines(count: number, waitAt: number) {
  const [reached, goOn] = [createGate(), createGate()];
  const line = (n: number) => (n % 50 === 7 ? `${n} ${"x".repeat(300_000)}\n` : `${n} ${"y".repeat(n)}\n`);
  let waited = false;
  const definition = defineJob({
    type: "lines",
    input: z.object({}),
    retry: { attempts: 1 },
    async run(job: JobContext) {
      const file = await job.artifact("lines.txt");
      for await (const n of job.iterate(numbers(count), { every: 1 })) {
        await file.write(line(n));
        if (n !== waitAt || waited) continue;
        waited = true;
        reached.open();
        await goOn.passed;
        await file.write("of an attempt that has lost its job\n".repeat(20_000));
      }
      await file.finish();
    },
  });
  return { definition, reached, goOn, expected: numbers(count).map(line).join("") };
}

test("a process that dies in the middle of an artifact is followed by another one, where the checkpoint was", {
  skip,
}, async (t) => {
  const { definition, reached, goOn, expected } = lines(200, 120);
  const [doomed, heir] = [
    await startProcess(t, { jobs: [definition], drainMs: 100 }),
    await startProcess(t, { jobs: [definition] }),
  ];
  const { id } = await doomed.manager.submit({ type: "lines", input: {} });
  await doomed.manager.start();
  await reached.passed;
  await doomed.store.close();
  await heir.manager.start();
  const job = await heir.manager.waitUntil(id, "final");
  goOn.open();
  assert.deepEqual([job.state, job.attempt, job.crashCount], ["succeeded", 1, 0], JSON.stringify(job.error));
  const kinds = (await heir.manager.history(id)).map((entry) => entry.kind);
  assert.deepEqual(kinds, ["submit", "claim", "lost", "claim", "succeed"]);
  assert.equal((await artifactOf(heir.manager, id, "lines.txt")).toString(), expected);
});

test("a process that comes back after its lease adds nothing to the artifact that another one goes on with", {
  skip,
}, async (t) => {
  const proxy = await openPostgresProxy(t, url);
  const { definition, reached, goOn, expected } = lines(200, 120);
  const [frozen, heir] = [
    await startProcess(t, { jobs: [definition], url: proxy.url, leaseMs: LEASE_MS }),
    await startProcess(t, { jobs: [definition], leaseMs: LEASE_MS }),
  ];
  const { id } = await frozen.manager.submit({ type: "lines", input: {} });
  await frozen.manager.start();
  await reached.passed;
  proxy.silence();
  await heir.manager.start();
  const job = await heir.manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  goOn.open();
  proxy.heal();
  await frozen.manager.stop();
  assert.equal((await artifactOf(heir.manager, id, "lines.txt")).toString(), expected);
});

test("an attempt that wakes up late cannot even open the artifact of the one after it", { skip }, async (t) => {
  const proxy = await openPostgresProxy(t, url);
  const [late, goOn] = [createGate(), createGate()];
  const refused = Promise.withResolvers<unknown>();
  let attempts = 0;
  const definition = defineJob({
    type: "late",
    input: z.object({}),
    retry: { attempts: 2, backoff: { kind: "fixed", baseMs: 0, maxMs: 0 } },
    async run(job) {
      attempts += 1;
      const isLate = attempts === 2;
      if (isLate) {
        late.open();
        await goOn.passed;
      }
      const opening = job.artifact("text");
      if (isLate) opening.then(() => refused.resolve(null), refused.resolve);
      const file = await opening;
      await file.write(`attempt ${attempts}\n`);
      await job.checkpoint(attempts);
      if (attempts === 1) throw new Error("once more");
    },
  });
  const jobs = [definition];
  const frozen = await startProcess(t, { jobs, url: proxy.url, leaseMs: LEASE_MS });
  const heir = await startProcess(t, { jobs, leaseMs: LEASE_MS });
  const { id } = await frozen.manager.submit({ type: "late", input: {} });
  await frozen.manager.start();
  await late.passed;
  proxy.silence();
  await heir.manager.start();
  assert.equal((await heir.manager.waitUntil(id, "final")).state, "succeeded");
  proxy.heal();
  goOn.open();
  assert.equal(String(await refused.promise), "Interruption: The attempt was interrupted: lease_lost.");
  assert.equal((await artifactOf(heir.manager, id, "text")).toString(), "attempt 1\nattempt 3\n");
});

test("a job waits while the database is away, and reads and writes on at the very next byte", { skip }, async (t) => {
  const proxy = await openPostgresProxy(t, url);
  const copy = defineJob({
    type: "copy",
    input: z.object({ file: fileRef() }),
    retry: { attempts: 1 },
    async run(job) {
      const file = await job.openFile(job.input.file);
      const artifact = await job.artifact("copy");
      let pieces = 0;
      const cutFor = (ms: number) => {
        proxy.cut();
        systemClock.after(ms, () => proxy.heal());
      };
      for await (const piece of file.read()) {
        pieces += 1;
        if (pieces % 4 === 1) cutFor(120);
        await artifact.write(piece);
        if (pieces % 4 === 2) cutFor(120);
        if (pieces % 4 === 3) await job.checkpoint(pieces);
      }
      return artifact.finish();
    },
  });
  const { manager } = await startProcess(t, { jobs: [copy], url: proxy.url });
  await manager.start();
  const bytes = randomBytes(3_000_000);
  const job = await manager.submit({ type: "copy", input: { file: await upload(manager, bytes) } });
  const other = await startProcess(t, { jobs: [] });
  const done = await other.manager.waitUntil(job.id, "final");
  assert.deepEqual([done.state, done.attempt, done.crashCount], ["succeeded", 1, 0], JSON.stringify(done.error));
  assert.ok((await artifactOf(other.manager, job.id, "copy")).equals(bytes));
});

test("a large file passes through a process that holds little of it at once", { skip }, async () => {
  const program = fileURLToPath(new URL("../support/file-carrier.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, url, schema, "100000000"]);
  // The file alone is larger; what is held at once is a few chunks, and what the garbage collection has not got to.
  assert.ok(Number(stdout) < 96_000_000, `grew by ${stdout.trim()} bytes`);
});
