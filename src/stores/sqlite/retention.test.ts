// What is forgotten is really gone from the file, and not only counted as gone.
import { deepEqual, equal } from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it, type TestContext } from "node:test";
import { newJob, request } from "../../testing/contract/store-driver.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createSqliteStore } from "./index.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const DAY_MS = 86_400_000;
const TABLES = [
  ["jobs", "history", "large_inputs", "labels", "logs"],
  ["steps", "journal", "journals", "files", "file_users"],
  ["idempotency", "dedupe", "job_counts"],
].flat();

async function databaseFor(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "pawl-retention-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return join(directory, "pawl.db");
}

function rowsIn(path: string): Readonly<Record<string, number>> {
  const db = new DatabaseSync(path, { readOnly: true });
  const count = (table: string) => Number(db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows);
  const rows = Object.fromEntries([...TABLES, "minutes"].map((table) => [table, count(table)]));
  db.close();
  return rows;
}

it("after everything was pruned, no table holds a row of it", async (t) => {
  const path = await databaseFor(t);
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path, clock });
  const upload = {
    id: "upload",
    jobId: null,
    kind: "upload",
    name: "a",
    mediaType: "t",
    size: 1,
    sha256: "0",
  } as const;
  await store.files.insertFile(upload);
  const dedupe = { key: "k", windowMs: 1_000, mode: "once" } as const;
  const job = newJob({ dedupe, labels: { a: "b" }, input: "x".repeat(5_000), fileIds: [upload.id] });
  await store.jobs.insert([job]);
  const together = newJob();
  const idempotency = { caller: "ann", key: "k", digest: "d", keepMs: 1_000 };
  await store.jobs.insertTogether([together], { idempotency });
  const worker = { id: "w", host: "here", pid: 1, concurrency: 1, queues: null };
  await store.leases.register(worker);
  const types = [{ name: "noop", concurrency: null, perKey: null }];
  const { jobs } = await store.jobs.claim({ workerId: worker.id, types, limit: 1 });
  const lease = { id: job.id, workerId: worker.id, token: jobs[0]?.token ?? 0 };
  await store.steps.saveStep(lease, { name: "s", result: 1 });
  await store.journal.append(lease, [1, 2]);
  await store.logs.appendLogs([{ ...lease, at: 1, level: "info", message: "m", fields: null }], { keep: 5 });
  await store.jobs.settle([{ ...lease, event: "succeed" }]);
  await store.jobs.control([request(together.id, "cancel")]);
  clock.advance(2 * DAY_MS);
  for (const state of ["succeeded", "cancelled"] as const) {
    equal((await store.retention.prune({ state, maxAgeMs: 1, maxCount: null, limit: 10 })).jobs, 1);
  }
  await store.retention.pruneExpired();
  await store.close();
  deepEqual(rowsIn(path), Object.fromEntries([...TABLES, "minutes"].map((table) => [table, 0])));
});

it("more keys and windows than one transaction forgets are forgotten by one call", async (t) => {
  const path = await databaseFor(t);
  const clock = createFakeClock(START);
  const store = await createSqliteStore({ path, clock });
  const keyed = (key: string, keepMs: number) => ({ idempotency: { caller: "ann", key, digest: "d", keepMs } });
  const window = (key: string, windowMs: number) => ({ key, windowMs, mode: "once" as const });
  const keys = Array.from({ length: 4_100 }, (_, index) => `k${index}`);
  await Promise.all(keys.map((key) => store.jobs.insertTogether([newJob()], keyed(key, 1_000))));
  await store.jobs.insert(keys.map((key) => newJob({ dedupe: window(key, 1_000) })));
  await store.jobs.insertTogether([newJob()], keyed("kept", 5_000));
  await store.jobs.insert([newJob({ dedupe: window("kept", 5_000) })]);
  const ids = (await store.jobs.list({ order: "newest", limit: 10_000, after: null })).map((job) => job.id);
  await store.jobs.control(ids.map((id) => request(id, "cancel")));
  clock.advance(1_000);
  await store.retention.pruneExpired();
  await store.close();
  const { idempotency, dedupe } = rowsIn(path);
  deepEqual([idempotency, dedupe], [1, 1]);
});
