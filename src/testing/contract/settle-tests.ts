// The end of an attempt, in all its forms.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { LeaseRef } from "../../ports/store.ts";
import { one, PROGRESS, type Register, recordOf } from "./context.ts";
import { claimable, drive, registerWorker } from "./store-driver.ts";

export function settleTests(test: Register): void {
  const failure = (retryInMs: number | null) => ({
    failure: { code: "boom", message: "It broke.", details: { line: 7 }, retryInMs },
  });

  test("a success stores output, progress and the last checkpoint with the end", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    await advance(250);
    const progress = { ...PROGRESS, done: 2 };
    const result = await driver.settle("succeed", {
      output: { rows: 2 },
      progress,
      checkpoint: { seq: 4, cursor: "end" },
    });
    deepEqual([result?.state, result?.phase], ["succeeded", "forward"]);
    const job = await driver.record();
    deepEqual([job.output, job.progress, job.checkpoint.seq, job.checkpoint.cursor], [{ rows: 2 }, progress, 4, "end"]);
    deepEqual([job.runningMs, job.workerId, job.finishedAt], [250, null, (job.startedAt ?? 0) + 250]);
    equal(job.checkpoint.savedAt, job.finishedAt);
  });

  test("a failure is tried again after its wait, until the attempts are used up", async ({ store, advance }) => {
    const driver = await drive(store, { maxAttempts: 2 });
    await driver.claim();
    const first = await driver.settle("fail", failure(3_000));
    const waiting = await driver.record();
    deepEqual([first?.state, waiting.attempt, waiting.finishedAt], ["queued", 2, null]);
    deepEqual(waiting.error, {
      code: "boom",
      message: "It broke.",
      at: waiting.error?.at,
      attempt: 1,
      details: { line: 7 },
    });
    equal(waiting.availableAt, (waiting.error?.at ?? 0) + 3_000);
    equal(first?.availableAt, waiting.availableAt);
    equal(await driver.claim(), null);
    await advance(3_000);
    ok(await driver.claim());
    equal((await driver.settle("fail", failure(3_000)))?.state, "failed");
    const failed = await driver.record();
    deepEqual([failed.attempt, failed.error?.attempt], [2, 2]);
  });

  test("a success after a failure leaves no error behind", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("fail", failure(0));
    await driver.claim();
    await driver.settle("succeed", { output: 1 });
    equal((await driver.record()).error, null);
  });

  test("a failed retry from pausing waits for the resume, and then for its backoff", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.control("pause");
    equal((await driver.settle("fail", failure(5_000)))?.state, "paused");
    await driver.control("resume");
    equal(await driver.claim(), null);
    await advance(5_000);
    equal((await driver.claim())?.attempt, 2);
  });

  test("paused time is not running time", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    await advance(100);
    await driver.control("pause");
    await advance(10);
    await driver.settle("halt");
    await advance(10_000);
    await driver.control("resume");
    await advance(1_000);
    await driver.claim();
    await advance(5);
    await driver.settle("succeed");
    equal((await driver.record()).runningMs, 115);
  });

  test("entering rollback starts attempts, crashes, cursor and progress anew, but never the seq", async ({
    store,
    advance,
  }) => {
    const driver = await drive(store, { canRollback: true, rollbackOnFailure: true, maxAttempts: 2 });
    await driver.claim();
    await driver.lose(100);
    const worker = await registerWorker(store);
    const { jobs } = await store.jobs.claim({
      workerId: worker,
      types: claimable((await driver.record()).type),
      limit: 1,
    });
    const lease: LeaseRef = { id: driver.id, workerId: worker, token: one(jobs).token };
    await store.jobs.checkpoint([{ ...lease, seq: 7, cursor: "c", progress: PROGRESS }]);
    await store.jobs.settle([{ ...lease, event: "fail", ...failure(1_000), progress: PROGRESS }]);
    await advance(1_000);
    const again = await store.jobs.claim({ workerId: worker, types: claimable(one(jobs).type), limit: 1 });
    const last: LeaseRef = { ...lease, token: one(again.jobs).token };
    await store.jobs.settle([{ ...last, event: "fail", ...failure(1_000), checkpoint: { seq: 8, cursor: "d" } }]);
    const job = await driver.record();
    deepEqual([job.state, job.phase, job.attempt, job.crashCount, job.run], ["queued", "rollback", 1, 0, 1]);
    deepEqual([job.checkpoint, job.progress.done], [{ seq: 8, cursor: null, savedAt: null }, 0]);
    deepEqual([job.error?.attempt, job.availableAt], [2, job.error?.at]);
  });

  test("of two settlements of one attempt the first counts, in one batch or in two", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const lease = driver.lease();
    const results = await store.jobs.settle([
      { ...lease, token: 0, event: "succeed" },
      { ...lease, event: "halt" },
      { ...lease, event: "succeed" },
    ]);
    deepEqual(
      results.map((result) => result?.state ?? null),
      [null, "queued", null],
    );
    equal((await store.jobs.settle([{ ...lease, event: "succeed" }]))[0], null);
  });

  test("a stale member takes none of the others of its batch with it", async ({ store }) => {
    const drivers = await Promise.all([drive(store), drive(store), drive(store)]);
    for (const driver of drivers) await driver.claim();
    const [a, b, c] = drivers.map((driver) => driver.lease());
    ok(a && b && c);
    const results = await store.jobs.settle([
      { ...a, event: "succeed" },
      { ...b, workerId: a.workerId, event: "succeed" },
      { ...c, event: "succeed" },
    ]);
    deepEqual(
      results.map((result) => result?.state ?? null),
      ["succeeded", null, "succeeded"],
    );
    equal((await recordOf(store, b.id)).state, "running");
  });

  test("an older checkpoint in a settlement does not go back", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await store.jobs.checkpoint([{ ...driver.lease(), seq: 5, cursor: "new", progress: PROGRESS }]);
    await driver.settle("halt", { checkpoint: { seq: 5, cursor: "old" } });
    const { checkpoint } = await driver.record();
    deepEqual([checkpoint.seq, checkpoint.cursor], [5, "new"]);
  });

  test("an output of any depth is stored without harm to the others of its batch", async ({ store }) => {
    const drivers = await Promise.all([drive(store), drive(store)]);
    for (const driver of drivers) await driver.claim();
    let deep: readonly unknown[] = [];
    for (let level = 0; level < 1_500; level += 1) deep = [deep];
    const output = JSON.parse(JSON.stringify(deep));
    await store.jobs.settle(drivers.map((driver) => ({ ...driver.lease(), event: "succeed" as const, output })));
    for (const driver of drivers) equal(JSON.stringify((await driver.record()).output), JSON.stringify(output));
  });
}
