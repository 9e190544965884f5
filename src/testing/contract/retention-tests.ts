// What is kept no longer goes, piece by piece, with all that belongs to it; nothing else does.
import { deepEqual, equal, ok } from "node:assert/strict";
import { UNFINISHED_STATES } from "../../domain/lifecycle.ts";
import type { Notice } from "../../ports/notifier.ts";
import type { NewJob, Pruned, PruneRule, Store } from "../../ports/store.ts";
import { kindsOf, NEWEST, one, PLENTY, type Register } from "./context.ts";
import { claimable, type Driver, drive, newId, newJob, reach, registerWorker, request } from "./store-driver.ts";

const NOTHING: Pruned = { jobs: 0, fileIds: [], more: false };

const rule = (changes: Partial<PruneRule>): PruneRule => ({
  state: "cancelled",
  maxAgeMs: null,
  maxCount: null,
  limit: 1_000,
  ...changes,
});

/** Inserts jobs and cancels them at once. */
async function cancelled(store: Store, jobs: readonly NewJob[]): Promise<readonly string[]> {
  await store.jobs.insert(jobs);
  await store.jobs.control(jobs.map(({ id }) => request(id, "cancel")));
  return jobs.map((job) => job.id);
}

const many = (count: number, changes: Partial<NewJob> = {}): NewJob[] =>
  Array.from({ length: count }, () => newJob(changes));

async function idsOf(store: Store): Promise<readonly string[]> {
  return (await store.jobs.list({ ...NEWEST, order: "oldest" })).map((job) => job.id);
}

/** Prunes until there is no more; answers how many went in each piece. */
async function pruneAll(store: Store, changes: Partial<PruneRule>): Promise<readonly number[]> {
  const pieces: number[] = [];
  for (;;) {
    const { jobs, more } = await store.retention.prune(rule(changes));
    ok(jobs <= rule(changes).limit);
    pieces.push(jobs);
    if (!more) return pieces;
    ok(pieces.length < 1_000, "it comes to an end");
  }
}

const sum = (pieces: readonly number[]): number => pieces.reduce((total, jobs) => total + jobs, 0);

const file = () => ({
  id: newId(),
  jobId: null,
  kind: "upload" as const,
  name: "a.csv",
  mediaType: "text/csv",
  size: 3,
  sha256: "ab",
});

export function retentionTests(test: Register): void {
  ageTests(test);
  countTests(test);
  boundTests(test);
  completenessTests(test);
  leftoverTests(test);
}

function ageTests(test: Register): void {
  test("jobs of a state go when they have been finished for long enough, and others stay", async ({
    store,
    advance,
  }) => {
    const old = await cancelled(store, many(2));
    const [succeeded, waiting] = [await drive(store), await drive(store)];
    await succeeded.claim();
    await succeeded.settle("succeed");
    await advance(1_000);
    const young = await cancelled(store, many(2));
    await advance(500);
    deepEqual(await store.retention.prune(rule({ maxAgeMs: 1_501 })), NOTHING);
    deepEqual(await store.retention.prune(rule({ maxAgeMs: 1_500 })), { ...NOTHING, jobs: 2 });
    deepEqual(await idsOf(store), [succeeded.id, waiting.id, ...young]);
    deepEqual(await store.jobs.get(old), []);
    equal(sum(await pruneAll(store, { maxAgeMs: 0 })), 2);
    deepEqual(await idsOf(store), [succeeded.id, waiting.id]);
  });

  test("age counts from the end: a job that ran for long stays, whatever was submitted after it", async ({
    store,
    advance,
  }) => {
    const [long, short] = [await drive(store), await drive(store)];
    for (const driver of [long, short]) await driver.claim();
    await short.settle("succeed");
    await advance(10_000);
    await long.settle("succeed");
    equal(sum(await pruneAll(store, { state: "succeeded", maxAgeMs: 5_000 })), 1);
    deepEqual(await idsOf(store), [long.id]);
    await advance(5_000);
    equal(sum(await pruneAll(store, { state: "succeeded", maxAgeMs: 5_000 })), 1);
    deepEqual(await idsOf(store), []);
  });

  test("a job that was retried counts from its last end", async ({ store, advance }) => {
    const [id = ""] = await cancelled(store, many(1));
    await advance(1_000);
    await store.jobs.control([request(id, "retry")]);
    deepEqual(await store.retention.prune(rule({ maxAgeMs: 500 })), NOTHING);
    await store.jobs.control([request(id, "cancel")]);
    deepEqual(await store.retention.prune(rule({ maxAgeMs: 500 })), NOTHING);
    await advance(500);
    equal((await store.retention.prune(rule({ maxAgeMs: 500 }))).jobs, 1);
  });
}

function countTests(test: Register): void {
  test("beyond the newest few, jobs go in the order of their submission, of whatever type", async ({ store }) => {
    const jobs = Array.from({ length: 9 }, (_, index) => newJob({ type: `type ${index % 3}` }));
    const ids = await cancelled(store, jobs);
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("succeed");
    deepEqual(await store.retention.prune(rule({ maxCount: 9 })), NOTHING);
    deepEqual(await store.retention.prune(rule({ maxCount: 4 })), { ...NOTHING, jobs: 5 });
    deepEqual(await idsOf(store), [...ids.slice(5), driver.id]);
    deepEqual(await store.retention.prune(rule({ maxCount: 0, limit: 3 })), { ...NOTHING, jobs: 3, more: true });
    deepEqual(await idsOf(store), [...ids.slice(8), driver.id]);
    equal(sum(await pruneAll(store, { maxCount: 0, limit: 3 })), 1);
  });

  test("what is too old does not count among the newest", async ({ store, advance }) => {
    await cancelled(store, many(3));
    await advance(1_000);
    const young = await cancelled(store, many(3));
    equal(sum(await pruneAll(store, { maxAgeMs: 1_000, maxCount: 2 })), 4);
    deepEqual(await idsOf(store), young.slice(1));
    equal(sum(await pruneAll(store, { maxAgeMs: 1_000, maxCount: 2 })), 0);
  });
}

function boundTests(test: Register): void {
  test("no call deletes more than its limit, and in the end everything is gone", async ({ store, advance }) => {
    const jobs = [...many(150, { type: "a" }), ...many(75, { type: "b" }), ...many(25, { type: "c" })];
    await cancelled(store, jobs);
    await advance(10);
    const pieces = await pruneAll(store, { maxAgeMs: 10, limit: 40 });
    deepEqual([sum(pieces), Math.max(...pieces)], [250, 40]);
    deepEqual(await idsOf(store), []);
  });

  test("jobs with much of their own go fewer at a time, and none is left behind", async ({ store, advance }) => {
    const drivers: Driver[] = [];
    for (let index = 0; index < 60; index += 1) {
      const driver = await drive(store);
      await driver.claim();
      await store.journal.append(
        driver.lease(),
        Array.from({ length: 400 }, (_, entry) => entry),
      );
      await driver.settle("succeed");
      drivers.push(driver);
    }
    await advance(10);
    const pieces = await pruneAll(store, { state: "succeeded", maxAgeMs: 10, limit: 50 });
    equal(sum(pieces), 60);
    for (const driver of drivers) equal(await store.journal.size(driver.id), 0);
  });

  test("nothing unfinished goes, and no failed rollback, even when it is asked for", async ({ store, advance }) => {
    const traits = { canRollback: true, rollbackOnFailure: false, started: true, choice: true, forced: false };
    const drivers: Driver[] = [];
    for (const state of UNFINISHED_STATES) drivers.push(await reach(store, "forward", state, traits));
    drivers.push(await reach(store, "rollback", "rollback_failed", traits));
    await advance(1_000);
    for (const state of [...UNFINISHED_STATES, "rollback_failed"] as const) {
      deepEqual(await store.retention.prune(rule({ state, maxAgeMs: 0, maxCount: 0 })), NOTHING);
    }
    deepEqual(
      await idsOf(store),
      drivers.map((driver) => driver.id),
    );
  });
}

function completenessTests(test: Register): void {
  test("a pruned job goes with all that it has, and names its files", async ({ store, advance }) => {
    const upload = file();
    await store.files.insertFile(upload);
    const driver = await drive(store, { fileIds: [upload.id], labels: { a: "b" }, input: "x".repeat(5_000), key: "k" });
    await driver.claim();
    const artifact = { id: newId(), name: "out", mediaType: "text/plain", size: 1, sha256: "00" };
    await store.files.insertArtifact(driver.lease(), artifact);
    const line = { ...driver.lease(), at: 1, level: "info", message: "m", fields: null } as const;
    await store.logs.appendLogs([line], { keep: 10 });
    await store.steps.saveStep(driver.lease(), { name: "s", result: 1 });
    await store.journal.append(driver.lease(), ["entry"]);
    await driver.settle("succeed");
    await advance(1);
    const pruned = await store.retention.prune(rule({ state: "succeeded", maxAgeMs: 1 }));
    deepEqual(
      { ...pruned, fileIds: pruned.fileIds.toSorted() },
      {
        jobs: 1,
        fileIds: [upload.id, artifact.id].sort(),
        more: false,
      },
    );
    const left = [
      await store.jobs.get([driver.id]),
      await store.files.getFiles([upload.id, artifact.id]),
      await kindsOf(store, driver.id),
      await store.logs.logs(driver.id, PLENTY),
      await store.steps.steps(driver.id),
      await store.journal.newest(driver.id, { limit: 5 }),
      await store.jobs.list({ ...NEWEST, label: "a:b" }),
      await store.jobs.list({ ...NEWEST, key: "k" }),
    ];
    deepEqual(
      left,
      left.map(() => []),
    );
  });

  test("an upload that another job uses stays with that one", async ({ store, advance }) => {
    const upload = file();
    await store.files.insertFile(upload);
    const waiting = newJob({ fileIds: [upload.id] });
    await store.jobs.insert([waiting]);
    await cancelled(store, many(2, { fileIds: [upload.id] }));
    await advance(1);
    deepEqual(await store.retention.prune(rule({ maxAgeMs: 1 })), { ...NOTHING, jobs: 2 });
    equal(one(await store.files.getFiles([upload.id])).jobId, waiting.id);
    await store.jobs.control([request(waiting.id, "cancel")]);
    await advance(1);
    deepEqual(await store.retention.prune(rule({ maxAgeMs: 1 })), { ...NOTHING, jobs: 1, fileIds: [upload.id] });
  });

  test("deleted jobs are told of, and no figure counts them any more", async ({ store, advance }) => {
    const ids = await cancelled(store, many(3));
    await advance(1);
    const heard: Notice[] = [];
    store.notifier.subscribe((notice) => heard.push(notice));
    await store.retention.prune(rule({ maxAgeMs: 1, limit: 2 }));
    await store.retention.prune(rule({ maxAgeMs: 1, limit: 2 }));
    await store.retention.prune(rule({ maxAgeMs: 1, limit: 2 }));
    const told = heard.flatMap((notice) => (notice.kind === "changed" ? notice.jobs : []));
    deepEqual(
      told.map((job) => [job.id, job.state, job.removed]),
      ids.map((id) => [id, "cancelled", true]),
    );
    equal(heard.length, 2);
    deepEqual(await store.stats.counts(), []);
  });
}

function leftoverTests(test: Register): void {
  test("uploads that are no job's are forgotten when they are old enough, a few at a time", async ({
    store,
    advance,
  }) => {
    const [taken, given] = [file(), file()];
    const free = [file(), file(), file()];
    for (const upload of [taken, given, ...free]) await store.files.insertFile(upload);
    const [holder, editor] = [newJob({ fileIds: [taken.id] }), newJob({ fileIds: [given.id] })];
    await store.jobs.insert([holder, editor]);
    const input = { input: null, exclusiveGroup: null, concurrencyKey: null, secretFields: [], fileIds: [] };
    await store.jobs.edit({ id: editor.id, actor: "ann", reason: null, input });
    await advance(1_000);
    const young = file();
    await store.files.insertFile(young);
    deepEqual(await store.retention.pruneUploads({ ageMs: 1_001, limit: 10 }), []);
    const pieces = [
      await store.retention.pruneUploads({ ageMs: 1_000, limit: 3 }),
      await store.retention.pruneUploads({ ageMs: 1_000, limit: 3 }),
      await store.retention.pruneUploads({ ageMs: 1_000, limit: 3 }),
    ];
    deepEqual(
      pieces.map((piece) => piece.length),
      [3, 1, 0],
    );
    deepEqual(pieces.flat().toSorted(), [given.id, ...free.map((upload) => upload.id)].toSorted());
    const all = [taken, given, young, ...free].map((upload) => upload.id);
    deepEqual((await store.files.getFiles(all)).map((entry) => entry.id).toSorted(), [taken.id, young.id].toSorted());
  });

  test("what still counts is not forgotten: keys, windows, and a debounced job that is late", async ({
    store,
    advance,
  }) => {
    const keyed = { idempotency: { caller: "ann", key: "k", digest: "d", keepMs: 2_000 } };
    const windowed = (key: string, windowMs: number, mode: "once" | "debounce") =>
      newJob({ dedupe: { key, windowMs, mode } });
    await store.jobs.insertTogether([newJob()], keyed);
    await store.jobs.insert([windowed("open", 2_000, "once"), windowed("late", 500, "debounce")]);
    await advance(1_000);
    await store.retention.pruneExpired();
    equal((await store.jobs.insertTogether([newJob()], keyed)).kind, "replayed");
    const results = await store.jobs.insert([windowed("open", 1, "once"), windowed("late", 500, "debounce")]);
    deepEqual(
      results.map((result) => result.kind),
      ["existing", "merged"],
    );
    await advance(1_000);
    await store.retention.pruneExpired();
    equal((await store.jobs.insertTogether([newJob()], keyed)).kind, "inserted");
    equal(one(await store.jobs.insert([windowed("open", 1, "once")])).kind, "inserted");
  });

  test("a job that was pruned is claimed by nobody, and its place in the queue is free", async ({ store, advance }) => {
    await cancelled(store, many(2, { queue: "q", queueLimit: 2 }));
    await advance(1);
    await store.retention.prune(rule({ maxAgeMs: 1 }));
    const limited = many(3, { queue: "q", queueLimit: 2 });
    deepEqual(
      (await store.jobs.insert(limited)).map((result) => result.kind),
      ["inserted", "inserted", "queue_full"],
    );
    const workerId = await registerWorker(store);
    const { jobs } = await store.jobs.claim({ workerId, types: claimable("noop"), limit: 10 });
    deepEqual(
      jobs.map((job) => job.id),
      limited.slice(0, 2).map((job) => job.id),
    );
  });
}
