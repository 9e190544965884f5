// Figures about all jobs: how many are where, what happened in each minute, and who has waited the longest.
import { deepEqual, equal } from "node:assert/strict";
import type { MinuteFigures, Store } from "../../ports/store.ts";
import type { Register } from "./context.ts";
import { claimable, drive, newJob, registerWorker, request } from "./store-driver.ts";

const MINUTE_MS = 60_000;

export function statsTests(test: Register): void {
  countTests(test);
  throughputTests(test);
  waitingTests(test);
}

function countTests(test: Register): void {
  const countsOf = async (store: Store) =>
    (await store.stats.counts()).map(({ state, type, queue, jobs }) => `${jobs} ${state} ${type} ${queue}`).sort();

  test("jobs are counted by state, type and queue, wherever they go", async ({ store }) => {
    deepEqual(await countsOf(store), []);
    await store.jobs.insert([
      ...Array.from({ length: 3 }, () => newJob({ type: "a", queue: "x" })),
      newJob({ type: "a", queue: "y" }),
      newJob({ type: "b", queue: "x" }),
    ]);
    deepEqual(await countsOf(store), ["1 queued a y", "1 queued b x", "3 queued a x"]);
    const workerId = await registerWorker(store);
    const { jobs } = await store.jobs.claim({ workerId, types: claimable("a"), limit: 4 });
    deepEqual(await countsOf(store), ["1 queued b x", "1 running a y", "3 running a x"]);
    const lease = ({ id, token }: (typeof jobs)[number]) => ({ id, token, workerId });
    const [first, second, ...rest] = jobs.filter((job) => job.queue === "x");
    if (!first || !second) throw new Error("Nothing was claimed.");
    await store.jobs.control([request(second.id, "pause")]);
    await store.jobs.settle([{ ...lease(first), event: "succeed" }]);
    deepEqual(await countsOf(store), [
      "1 pausing a x",
      "1 queued b x",
      "1 running a x",
      "1 running a y",
      "1 succeeded a x",
    ]);
    await store.jobs.settle([second, ...rest].map((job) => ({ ...lease(job), event: "halt" })));
    await store.jobs.remove(first.id, { force: false });
    deepEqual(await countsOf(store), ["1 paused a x", "1 queued a x", "1 queued b x", "1 running a y"]);
    await store.leases.retire(workerId);
    await store.leases.reap({ crashLimit: 1 });
    deepEqual(await countsOf(store), ["1 failed a y", "1 paused a x", "1 queued a x", "1 queued b x"]);
  });

  test("a job that is refused is not counted", async ({ store }) => {
    const job = newJob({ key: "k" });
    await store.jobs.insert([job, newJob({ key: "k" }), newJob({ queueLimit: 1 })]);
    await store.jobs.insert([job]);
    await store.jobs.control([request(job.id, "resume"), request(job.id, "retry")]);
    deepEqual(await countsOf(store), ["1 queued noop default"]);
  });
}

function throughputTests(test: Register): void {
  const NOTHING = { submitted: 0, started: 0, succeeded: 0, failed: 0, cancelled: 0, rolledBack: 0, rollbackFailed: 0 };

  /** Lets time pass up to the beginning of a minute. */
  async function nextMinute(store: Store, advance: (ms: number) => void | Promise<void>): Promise<number> {
    const [inserted] = await store.jobs.insert([newJob({ type: "clock" })]);
    const at = inserted?.kind === "inserted" ? inserted.at : 0;
    const ms = MINUTE_MS - (at % MINUTE_MS);
    await advance(ms);
    return at + ms;
  }
  const latest = async (store: Store): Promise<MinuteFigures | undefined> =>
    (await store.stats.throughput({ minutes: 1 })).at(-1);

  test("a minute counts what was submitted, started and finished in it", async ({ store, advance }) => {
    const at = await nextMinute(store, advance);
    deepEqual(await latest(store), undefined);
    const undone = { canRollback: true };
    const [succeeded, failed, cancelled] = [await drive(store), await drive(store), await drive(store)];
    const [rolledBack, rollbackFailed] = [await drive(store, undone), await drive(store, undone)];
    for (const driver of [succeeded, failed, rolledBack, rollbackFailed]) await driver.claim();
    await succeeded.settle("succeed");
    await failed.settle("fail");
    await cancelled.control("cancel");
    for (const driver of [rolledBack, rollbackFailed]) {
      await driver.control("cancel");
      await driver.settle("halt");
      await driver.claim();
    }
    await rolledBack.settle("succeed");
    await rollbackFailed.settle("fail");
    deepEqual(await latest(store), {
      at,
      submitted: 5,
      started: 6,
      succeeded: 1,
      failed: 1,
      cancelled: 1,
      rolledBack: 1,
      rollbackFailed: 1,
    });
  });

  test("what is paused, resumed, retried or deleted is neither submitted nor finished", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("fail");
    const at = await nextMinute(store, advance);
    for (const action of ["retry", "pause", "resume"] as const) await driver.control(action);
    const workerId = await registerWorker(store);
    const { type } = await driver.record();
    const { jobs } = await store.jobs.claim({ workerId, types: claimable(type), limit: 1 });
    for (const action of ["pause", "resume"] as const) await driver.control(action);
    await store.jobs.settle(jobs.map(({ id, token }) => ({ id, token, workerId, event: "halt" })));
    await driver.control("cancel");
    await store.jobs.remove(driver.id, { force: false });
    deepEqual(await latest(store), { ...NOTHING, at, started: 1, cancelled: 1 });
  });

  test("minutes come oldest first, the empty ones are left out, and no more than were asked for", async ({
    store,
    advance,
  }) => {
    const first = await nextMinute(store, advance);
    await store.jobs.insert([newJob(), newJob()]);
    await advance(MINUTE_MS - 1);
    await store.jobs.insert([newJob()]);
    await advance(1);
    await store.jobs.insert([newJob()]);
    await advance(3 * MINUTE_MS);
    await store.jobs.insert([newJob()]);
    const minutes = async (count: number) =>
      (await store.stats.throughput({ minutes: count })).map(({ at, submitted }) => [
        (at - first) / MINUTE_MS,
        submitted,
      ]);
    deepEqual(await minutes(5), [
      [0, 3],
      [1, 1],
      [4, 1],
    ]);
    deepEqual(await minutes(4), [
      [1, 1],
      [4, 1],
    ]);
    deepEqual(await minutes(1), [[4, 1]]);
    await advance(MINUTE_MS);
    deepEqual(await minutes(1), []);
  });
}

function waitingTests(test: Register): void {
  const longest = async (store: Store) => (await store.stats.oldestWaiting())?.id ?? null;

  test("the job that could have been claimed for the longest time is named, whatever its priority", async ({
    store,
    advance,
  }) => {
    equal(await longest(store), null);
    const first = newJob({ priority: 3, queue: "x", type: "a" });
    const [inserted] = await store.jobs.insert([first]);
    const at = inserted?.kind === "inserted" ? inserted.at : 0;
    await advance(10);
    const second = newJob({ priority: -7, concurrencyKey: "k" });
    await store.jobs.insert([newJob({ priority: 9 }), second, newJob({ priority: 3, queue: "x", type: "a" })]);
    deepEqual(await store.stats.oldestWaiting(), { id: first.id, type: "a", queue: "x", availableAt: at });
    const workerId = await registerWorker(store);
    await store.jobs.claim({ workerId, types: claimable("a"), limit: 9 });
    await store.jobs.control([request(second.id, "pause")]);
    await advance(5);
    await store.jobs.insert([newJob()]);
    equal((await store.stats.oldestWaiting())?.availableAt, at + 10);
    const { jobs } = await store.jobs.claim({ workerId, types: claimable("noop"), limit: 1 });
    deepEqual([jobs[0]?.priority, (await store.stats.oldestWaiting())?.availableAt], [9, at + 15]);
    await store.jobs.control([request(second.id, "resume")]);
    equal(await longest(store), second.id);
  });

  test("a job of a later time waits from then on, and one of a paused queue does not", async ({ store, advance }) => {
    const [inserted] = await store.jobs.insert([newJob({ queue: "q" })]);
    const at = inserted?.kind === "inserted" ? inserted.at : 0;
    await store.queues.setQueue({ name: "q", paused: { actor: "ada", reason: null } });
    const later = newJob({ availableAt: at + 20 });
    await store.jobs.insert([later]);
    equal(await longest(store), null);
    await advance(20);
    deepEqual(await store.stats.oldestWaiting(), {
      id: later.id,
      type: "noop",
      queue: "default",
      availableAt: at + 20,
    });
    await store.queues.setQueue({ name: "q", paused: null });
    equal((await store.stats.oldestWaiting())?.queue, "q");
  });
}
