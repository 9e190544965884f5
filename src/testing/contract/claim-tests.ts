// Claiming: the order, the types, the times, and each job once.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Store } from "../../ports/store.ts";
import { one, type Register } from "./context.ts";
import { claimable, drive, newId, newJob, registerWorker } from "./store-driver.ts";

export function claimTests(test: Register): void {
  const claimedIds = async (store: Store, types: readonly string[], limit: number) => {
    const workerId = await registerWorker(store);
    return (await store.jobs.claim({ workerId, types: claimable(...types), limit })).jobs.map((job) => job.id);
  };

  test("the highest priority goes first, then the longest available, then the oldest", async ({ store }) => {
    const base = one(await store.jobs.insert([newJob({ type: "other" })]));
    const at = base.kind === "inserted" ? base.at : 0;
    const low = newJob({ priority: 1 });
    const late = newJob({ priority: 5, availableAt: at - 10 });
    const early = newJob({ priority: 5, availableAt: at - 20 });
    const same = newJob({ priority: 5, availableAt: at - 10 });
    const high = newJob({ priority: 9 });
    await store.jobs.insert([low, late, early, same, high]);
    const order = [high, early, late, same, low].map((job) => job.id);
    deepEqual(await claimedIds(store, ["noop"], 2), order.slice(0, 2));
    deepEqual(await claimedIds(store, ["noop"], 10), order.slice(2));
  });

  test("one order holds across types", async ({ store }) => {
    const jobs = Array.from({ length: 30 }, (_, index) => newJob({ type: `t${index % 3}`, priority: index % 2 }));
    await store.jobs.insert(jobs);
    const byPriority = [...jobs].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
    const order = byPriority.map((job) => job.id);
    deepEqual(await claimedIds(store, ["t2", "t0", "t1", "t0"], 17), order.slice(0, 17));
    deepEqual(await claimedIds(store, ["t0", "t1", "t2"], 17), order.slice(17));
  });

  test("one order holds across queues, however many they are and however few jobs are asked for", async ({ store }) => {
    const jobs = Array.from({ length: 300 }, (_, index) =>
      newJob({ queue: `q${(index * 37) % 60}`, priority: (index * 53) % 17, type: `t${index % 2}` }),
    );
    await store.jobs.insert(jobs);
    const order = [...jobs].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1)).map((job) => job.id);
    const claimed: string[] = [];
    for (let limit = 1; claimed.length < jobs.length; limit = (limit % 7) + 1) {
      const ids = await claimedIds(store, ["t0", "t1"], limit);
      claimed.push(...ids);
      if (ids.length < limit) break;
    }
    deepEqual(claimed, order);
  });

  test("only jobs of the asked types are claimed, and never more than the limit", async ({ store }) => {
    const wanted = [newJob({ type: "a" }), newJob({ type: "a" })];
    await store.jobs.insert([newJob({ type: "b", priority: 9 }), ...wanted]);
    deepEqual(await claimedIds(store, [], 10), []);
    deepEqual(await claimedIds(store, ["a"], 0), []);
    deepEqual(await claimedIds(store, ["a"], 1), [wanted[0]?.id]);
    deepEqual(await claimedIds(store, ["a", "none"], 10), [wanted[1]?.id]);
  });

  test("a worker of some queues claims from these only, in the same order", async ({ store }) => {
    const workerId = await registerWorker(store);
    const claim = async (queues: readonly string[] | null, limit: number) =>
      (await store.jobs.claim({ workerId, types: claimable("noop"), queues, limit })).jobs.map((job) => job.id);
    const low = newJob({ queue: "a" });
    const middle = newJob({ queue: "b", priority: 5 });
    const high = newJob({ queue: "a", priority: 9 });
    const other = newJob({ queue: "ab", priority: 99 });
    await store.jobs.insert([low, middle, high, other, newJob({ queue: "a", type: "x" })]);
    deepEqual(await claim(["none"], 10), []);
    deepEqual(await claim(["b", "a", "none", "a"], 2), [high.id, middle.id]);
    deepEqual(await claim(["b"], 10), []);
    deepEqual(await claim(["b", "a"], 10), [low.id]);
    deepEqual(await claim(null, 10), [other.id]);
  });

  test("what time will bring to other queues is not told to a worker of some", async ({ store }) => {
    const first = one(await store.jobs.insert([newJob({ type: "x" })]));
    const at = first.kind === "inserted" ? first.at : 0;
    await store.jobs.insert([
      newJob({ queue: "now" }),
      newJob({ queue: "soon", availableAt: at + 1_000 }),
      newJob({ queue: "late", availableAt: at + 60_000 }),
    ]);
    const workerId = await registerWorker(store);
    const next = async (...queues: readonly string[]) => {
      const { jobs, nextInMs } = await store.jobs.claim({ workerId, types: claimable("noop"), queues, limit: 1 });
      return [jobs.length, nextInMs === null ? null : Math.ceil(nextInMs / 1_000)];
    };
    deepEqual(await next("none"), [0, null]);
    deepEqual(await next("late"), [0, 60]);
    deepEqual(await next("late", "soon"), [0, 1]);
    deepEqual(await next("now"), [1, null]);
  });

  test("a job of a later time is not claimed before it, and holds nobody back", async ({ store, advance }) => {
    const first = one(await store.jobs.insert([newJob({ type: "x" })]));
    const at = first.kind === "inserted" ? first.at : 0;
    const later = newJob({ priority: 9, availableAt: at + 5_000 });
    const laterStill = newJob({ priority: 7, availableAt: at + 9_000 });
    const now = newJob();
    await store.jobs.insert([later, laterStill, now]);
    const workerId = await registerWorker(store);
    const claim = () => store.jobs.claim({ workerId, types: claimable("noop"), limit: 10 });
    const claimed = await claim();
    deepEqual(
      claimed.jobs.map((job) => job.id),
      [now.id],
    );
    equal(claimed.nextInMs, 5_000);
    await advance(5_000);
    deepEqual(
      (await claim()).jobs.map((job) => job.id),
      [later.id],
    );
    equal((await claim()).nextInMs, 4_000);
  });

  test("a claim tells when nothing waits any more", async ({ store }) => {
    await store.jobs.insert([newJob(), newJob()]);
    const workerId = await registerWorker(store);
    const claim = () => store.jobs.claim({ workerId, types: claimable("noop"), limit: 1 });
    equal((await claim()).nextInMs, 0);
    equal((await claim()).nextInMs, null);
    deepEqual(await claim(), { kind: "claimed", jobs: [], nextInMs: null });
  });

  test("a claimed job says who holds it, since when, and with which token", async ({ store, advance }) => {
    const driver = await drive(store);
    const first = await driver.claim();
    ok(first);
    deepEqual([first.state, first.token, first.workerId, first.attempt], ["running", 1, driver.workerId, 1]);
    equal(first.claimedAt, first.startedAt);
    deepEqual(first, await driver.record());
    await driver.settle("halt");
    await advance(100);
    const second = await driver.claim();
    ok(second?.claimedAt && first.claimedAt);
    deepEqual([second.token, second.startedAt], [2, first.startedAt]);
    equal(second.claimedAt, first.claimedAt + 100);
  });

  test("each job goes to exactly one of many who claim at once", async ({ store }) => {
    const jobs = Array.from({ length: 500 }, () => newJob());
    const workers = await Promise.all(Array.from({ length: 10 }, () => registerWorker(store)));
    const inserts = jobs.map((job) => store.jobs.insert([job]));
    const claims = Array.from({ length: 200 }, (_, index) =>
      store.jobs.claim({ workerId: workers[index % 10] ?? "", types: claimable("noop"), limit: 3 }),
    );
    await Promise.all(inserts);
    const rest = workers.map((workerId) => store.jobs.claim({ workerId, types: claimable("noop"), limit: 500 }));
    const claimed = (await Promise.all([...claims, ...rest])).flatMap((result) => result.jobs.map((job) => job.id));
    equal(claimed.length, 500);
    equal(new Set(claimed).size, 500);
  });

  test("a worker that nobody knows claims nothing", async ({ store }) => {
    await store.jobs.insert([newJob()]);
    const result = await store.jobs.claim({ workerId: newId(), types: claimable("noop"), limit: 1 });
    deepEqual([result.kind, result.jobs.length], ["worker_dead", 0]);
  });
}
