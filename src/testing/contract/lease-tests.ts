// Workers, their leases, and the jobs of the dead.
import { deepEqual, equal, ok } from "node:assert/strict";
import { crashBackoffMs } from "../../domain/retry.ts";
import { one, PROGRESS, type Register, recordOf } from "./context.ts";
import { claimable, type Driver, drive, newId, newJob, registerWorker, request } from "./store-driver.ts";

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

  test("a worker's leases are what it claimed and has not settled, whoever asks", async ({ store }) => {
    const [one, other] = [await drive(store), await drive(store)];
    await one.claim();
    await other.claim();
    const { id, workerId, token } = await one.record();
    deepEqual(await store.leases.held(one.workerId), [{ id, workerId, token }]);
    await one.settle("succeed");
    deepEqual(await store.leases.held(one.workerId), []);
    equal((await store.leases.held(other.workerId)).length, 1);
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

  test("workers that are alive are shown, with what they can run and what they hold", async ({ store, advance }) => {
    const ids = [newId(), newId(), newId()];
    for (const [index, id] of ids.entries()) {
      const queues = index === 0 ? null : [`b "${index}"`, "a, ü"];
      await store.leases.register({ id, host: `host ${index}`, pid: 100 + index, concurrency: 10 * index, queues });
      await advance(10);
    }
    const [first, second, third] = ids;
    ok(first && second && third);
    await store.leases.renew(first);
    const [before, other] = await store.leases.workers();
    ok(before);
    deepEqual(other?.queues, ['b "1"', "a, ü"]);
    deepEqual(
      { ...before, startedAt: 0, seenAt: 0 },
      {
        id: first,
        host: "host 0",
        pid: 100,
        concurrency: 0,
        queues: null,
        startedAt: 0,
        seenAt: 0,
        jobs: [],
        running: 0,
      },
    );
    equal(before.seenAt - before.startedAt, 30);
    const alive = async () => (await store.leases.workers()).map(({ id }) => id);
    deepEqual(await alive(), ids);
    await store.leases.retire(second);
    deepEqual(await alive(), [first, third]);
    await advance(store.leaseMs - 10);
    deepEqual(await alive(), [first]);
    await store.leases.reap({ crashLimit: 5 });
    deepEqual(await alive(), [first]);
  });

  test("a worker shows all that it holds as a number, and the hundred that it has held the longest", async ({
    store,
    advance,
  }) => {
    const [workerId, other] = [await registerWorker(store), await registerWorker(store)];
    const jobs = Array.from({ length: 120 }, () => newJob({ queue: "q" }));
    await store.jobs.insert(jobs);
    const claim = (worker: string, limit: number) =>
      store.jobs.claim({ workerId: worker, types: claimable("noop"), limit });
    await claim(other, 1);
    await claim(workerId, 110);
    await advance(10);
    await claim(workerId, 5);
    const [held, ofOther] = await store.leases.workers();
    ok(held && ofOther);
    deepEqual([held.running, held.jobs.length, ofOther.running], [115, 100, 1]);
    const [longest] = held.jobs;
    const { id, type, queue, claimedAt } = await recordOf(store, jobs[1]?.id ?? "");
    deepEqual(longest, { id, type, queue, claimedAt });
    await store.jobs.settle([{ id, workerId, token: 1, event: "succeed" }]);
    equal((await store.leases.workers())[0]?.running, 114);
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
