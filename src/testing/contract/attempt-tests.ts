// What an attempt writes while it runs, and that it counts only with the present lease.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { CheckpointWrite, LeaseRef, LogWrite } from "../../ports/store.ts";
import { kindsOf, one, PLENTY, PROGRESS, type Register } from "./context.ts";
import { claimable, drive, newId, registerWorker } from "./store-driver.ts";

export function attemptTests(test: Register): void {
  const checkpointOf = (lease: LeaseRef, seq: number): CheckpointWrite => ({
    ...lease,
    seq,
    cursor: { seq },
    progress: PROGRESS,
  });

  test("a checkpoint is there with its progress, and forgives earlier crashes", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.lose(100);
    equal((await driver.record()).crashCount, 1);
    const workerId = await registerWorker(store);
    const { jobs } = await store.jobs.claim({ workerId, types: claimable((await driver.record()).type), limit: 1 });
    await advance(10);
    deepEqual(await store.jobs.checkpoint([checkpointOf({ id: driver.id, workerId, token: one(jobs).token }, 1)]), [
      true,
    ]);
    const job = await driver.record();
    deepEqual([job.checkpoint.seq, job.checkpoint.cursor, job.progress, job.crashCount], [1, { seq: 1 }, PROGRESS, 0]);
    equal(job.checkpoint.savedAt, (job.claimedAt ?? 0) + 10);
  });

  test("a seq only grows, within a batch too, and of two the later one stands", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const lease = driver.lease();
    const writes = [2, 3, 3, 1, 4].map((seq) => checkpointOf(lease, seq));
    deepEqual(await store.jobs.checkpoint(writes), [true, true, true, true, true]);
    deepEqual((await driver.record()).checkpoint.cursor, { seq: 4 });
    deepEqual(await store.jobs.checkpoint([{ ...checkpointOf(lease, 4), cursor: "again" }]), [true]);
    deepEqual((await driver.record()).checkpoint.cursor, { seq: 4 });
  });

  test("checkpoints that are made at once keep their order", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const writes = Array.from({ length: 30 }, (_, index) => checkpointOf(driver.lease(), index + 1));
    const results = await Promise.all(writes.map((write) => store.jobs.checkpoint([write])));
    ok(results.every((result) => result[0] === true));
    equal((await driver.record()).checkpoint.seq, 30);
  });

  test("a checkpoint, a log line and a settlement that are sent together all count", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const lease = driver.lease();
    const line: LogWrite = { ...lease, at: 1, level: "info", message: "bye", fields: null };
    const [stored, saved, settled] = await Promise.all([
      store.logs.appendLogs([line], { keep: 10 }),
      store.jobs.checkpoint([checkpointOf(lease, 1)]),
      store.jobs.settle([{ ...lease, event: "succeed" }]),
    ]);
    deepEqual([stored, saved, settled[0]?.state], [1, [true], "succeeded"]);
  });

  test("an attempt goes on writing while a request waits for it", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.control("cancel");
    deepEqual(await store.jobs.checkpoint([checkpointOf(driver.lease(), 1)]), [true]);
    deepEqual(await store.jobs.reportProgress([{ ...driver.lease(), progress: { ...PROGRESS, done: 2 } }]), [true]);
    equal((await driver.record()).progress.done, 2);
  });

  test("a stale token or another worker changes nothing, on every path", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("halt");
    await driver.claim();
    const held = driver.lease();
    const before = await driver.record();
    const stale = [
      { ...held, token: 1 },
      { ...held, token: 3 },
      { ...held, workerId: newId() },
      { ...held, id: newId() },
    ];
    const file = { id: newId(), name: "a", mediaType: "text/plain", size: 1, sha256: "00" };
    for (const lease of stale) {
      deepEqual(await store.jobs.checkpoint([checkpointOf(lease, 9)]), [false]);
      deepEqual(await store.jobs.reportProgress([{ ...lease, progress: PROGRESS }]), [false]);
      for (const event of ["succeed", "fail", "halt"] as const) {
        const failure = { code: "e", message: "m", details: null, retryInMs: 0 };
        deepEqual(await store.jobs.settle([{ ...lease, event, failure }]), [null]);
      }
      equal(await store.jobs.mark(lease, "abandoned"), false);
      equal(await store.jobs.mark(lease, "stalled"), false);
      const line = { ...lease, at: 1, level: "info", message: "m", fields: null } as const;
      equal(await store.logs.appendLogs([line], { keep: 5 }), 0);
      deepEqual(await store.files.insertArtifact(lease, file), { lost: true, replaced: [] });
    }
    deepEqual(await driver.record(), before);
    deepEqual([await store.files.getFiles([file.id]), await store.logs.logs(driver.id, PLENTY)], [[], []]);
    equal((await kindsOf(store, driver.id)).length, 4);
  });

  test("an abandoned attempt is marked, once, until it settles", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    deepEqual(
      [await store.jobs.mark(driver.lease(), "abandoned"), await store.jobs.mark(driver.lease(), "abandoned")],
      [true, true],
    );
    equal((await driver.record()).abandoned, true);
    deepEqual(await kindsOf(store, driver.id), ["submit", "claim", "abandon"]);
    await driver.settle("halt");
    equal((await driver.record()).abandoned, false);
  });

  test("a stalled attempt is marked, once, until a checkpoint counts", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const lease = driver.lease();
    await store.jobs.checkpoint([checkpointOf(lease, 1)]);
    const stalled = async () => (await driver.record()).stalled;
    deepEqual([await store.jobs.mark(lease, "stalled"), await store.jobs.mark(lease, "stalled")], [true, true]);
    deepEqual([await stalled(), await kindsOf(store, driver.id)], [true, ["submit", "claim", "stall"]]);
    await store.jobs.checkpoint([checkpointOf(lease, 1)]);
    await store.jobs.reportProgress([{ ...lease, progress: PROGRESS }]);
    equal(await stalled(), true);
    await store.jobs.checkpoint([checkpointOf(lease, 2)]);
    equal(await stalled(), false);
    await store.jobs.mark(lease, "stalled");
    deepEqual([await stalled(), (await driver.record()).abandoned], [true, false]);
    deepEqual(await kindsOf(store, driver.id), ["submit", "claim", "stall", "stall"]);
  });

  test("the mark of a stalled attempt goes when it settles and when it is lost", async ({ store }) => {
    const [settled, lost] = [await drive(store), await drive(store)];
    for (const driver of [settled, lost]) {
      await driver.claim();
      await store.jobs.mark(driver.lease(), "stalled");
    }
    await settled.settle("halt");
    await lost.lose(100);
    deepEqual([(await settled.record()).stalled, (await lost.record()).stalled], [false, false]);
  });
}
