// Workers, their leases, and the jobs of the dead.
import { deepEqual, equal, ok } from "node:assert/strict";
import { crashBackoffMs } from "../../domain/retry.ts";
import { one, PROGRESS, type Register, recordOf } from "./context.ts";
import { claimable, type Driver, drive, newJob, registerWorker, request } from "./store-driver.ts";

export function leaseTests(test: Register): void {
  test("a lease lasts as long as it is renewed", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    for (let round = 0; round < 3; round += 1) {
      await advance(store.leaseMs - 1);
      deepEqual(await store.leases.renew(driver.workerId), { alive: true, requests: [] });
    }
    equal(await store.leases.reap({ crashLimit: 5 }), 0);
    equal((await driver.record()).state, "running");
  });

  test("an expired lease is final, and its jobs are lost, once", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    await advance(store.leaseMs + 1);
    const alive = await drive(store);
    await alive.claim();
    const reaped = await Promise.all([store.leases.reap({ crashLimit: 5 }), store.leases.reap({ crashLimit: 5 })]);
    deepEqual(reaped.sort(), [0, 1]);
    const job = await driver.record();
    deepEqual([job.state, job.crashCount, job.workerId], ["queued", 1, null]);
    equal((await store.leases.renew(driver.workerId)).alive, false);
    equal(
      (await store.jobs.claim({ workerId: driver.workerId, types: claimable(job.type), limit: 1 })).kind,
      "worker_dead",
    );
    equal(await driver.settle("succeed"), null);
    equal((await alive.record()).state, "running");
  });

  test("an expired lease is not renewed, even before anybody looks", async ({ store, advance }) => {
    const workerId = await registerWorker(store);
    await advance(store.leaseMs + 1);
    deepEqual(await store.leases.renew(workerId), { alive: false, requests: [] });
  });

  test("a renewal brings every request that waits for the worker, again and again", async ({ store }) => {
    const workerId = await registerWorker(store);
    const jobs = [newJob(), newJob(), newJob()];
    await store.jobs.insert(jobs);
    await store.jobs.claim({ workerId, types: claimable("noop"), limit: 3 });
    const [a, b] = jobs;
    ok(a && b);
    await store.jobs.control([request(a.id, "pause"), request(b.id, "terminate", { reason: "now" })]);
    for (let round = 0; round < 2; round += 1) {
      const { requests } = await store.leases.renew(workerId);
      const seen = new Map(requests.map((waiting) => [waiting.jobId, waiting]));
      deepEqual([seen.size, seen.get(a.id)?.action, seen.get(b.id)?.action], [2, "pause", "terminate"]);
      equal(seen.get(b.id)?.token, 1);
    }
    await store.jobs.control([request(a.id, "resume")]);
    equal((await store.leases.renew(workerId)).requests.length, 1);
  });

  test("a retired worker's jobs are lost at the next sweep", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await store.leases.retire(driver.workerId);
    equal((await driver.record()).state, "running");
    equal((await store.leases.renew(driver.workerId)).alive, false);
    equal(await store.leases.reap({ crashLimit: 5 }), 1);
    equal(await store.leases.reap({ crashLimit: 5 }), 0);
  });

  test("crashes back off from the second on, and end as a crash loop", async ({ store, advance }) => {
    const job = newJob({ canRollback: false });
    await store.jobs.insert([job]);
    for (let crash = 1; crash <= 3; crash += 1) {
      const workerId = await registerWorker(store);
      const { jobs } = await store.jobs.claim({ workerId, types: claimable("noop"), limit: 1 });
      const claimed = one(jobs);
      await store.leases.retire(workerId);
      await store.leases.reap({ crashLimit: 3 });
      const after = await recordOf(store, job.id);
      equal(after.crashCount, crash);
      if (crash < 3) {
        deepEqual([after.state, after.attempt], ["queued", 1]);
        equal(after.availableAt, (claimed.claimedAt ?? 0) + crashBackoffMs(crash));
        await advance(crashBackoffMs(crash));
      } else {
        deepEqual([after.state, after.error?.code, after.error?.attempt], ["failed", "crash_loop", 1]);
      }
    }
  });

  test("a crash loop of a type that undoes its failures is undone", async ({ store }) => {
    const driver = await drive(store, { canRollback: true, rollbackOnFailure: true });
    await driver.claim();
    await driver.lose(1);
    const job = await driver.record();
    deepEqual([job.state, job.phase, job.crashCount, job.error?.code], ["queued", "rollback", 0, "crash_loop"]);
  });

  test("a lost attempt ran until its last sign of life", async ({ store, advance }) => {
    const runs = async (live: (driver: Driver) => Promise<void>) => {
      const driver = await drive(store);
      await driver.claim();
      await live(driver);
      await advance(store.leaseMs + 1);
      await store.leases.reap({ crashLimit: 5 });
      return (await driver.record()).runningMs;
    };
    equal(await runs(async () => {}), 0);
    const renewed = async (driver: Driver) => {
      await advance(300);
      await store.leases.renew(driver.workerId);
    };
    equal(await runs(renewed), 300);
    const saved = async (driver: Driver) => {
      await advance(700);
      await store.jobs.checkpoint([{ ...driver.lease(), seq: 1, cursor: null, progress: PROGRESS }]);
    };
    equal(await runs(saved), 700);
  });

  test("an acknowledged pause and an acknowledged cancel hold when the worker dies", async ({ store }) => {
    const paused = await drive(store);
    const cancelled = await drive(store);
    for (const [driver, action] of [
      [paused, "pause"],
      [cancelled, "cancel"],
    ] as const) {
      await driver.claim();
      await driver.control(action);
      await driver.lose(5);
    }
    const records = [await paused.record(), await cancelled.record()];
    deepEqual(
      records.map((job) => job.state),
      ["paused", "cancelled"],
    );
    ok(records.every((job) => job.control?.reachedAt !== null));
  });
}
