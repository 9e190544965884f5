// What a claim steps over: paused queues, and jobs beyond a limit of their queue, their type or their concurrency key.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Notice } from "../../ports/notifier.ts";
import type { ClaimableType, ClaimResult, NewJob, Store } from "../../ports/store.ts";
import type { Register } from "./context.ts";
import { claimable, newJob, registerWorker, request } from "./store-driver.ts";

/** A type with limits, as a worker claims it. */
const limited = (name: string, limits: Partial<ClaimableType>): ClaimableType => ({
  name,
  concurrency: null,
  perKey: null,
  ...limits,
});

const many = (count: number, changes: Partial<NewJob> = {}) => Array.from({ length: count }, () => newJob(changes));
const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map((job) => job.id);

/** Claims for a worker of its own, and ends what it claimed. */
async function claimer(store: Store) {
  const workerId = await registerWorker(store);
  return {
    workerId,
    claim: (types: readonly ClaimableType[], limit = 1_000): Promise<ClaimResult> =>
      store.jobs.claim({ workerId, types, limit }),
    end: (jobs: ClaimResult["jobs"]) =>
      store.jobs.settle(jobs.map(({ id, token }) => ({ id, workerId, token, event: "succeed" as const }))),
  };
}

const PAUSE = { actor: "tester", reason: null };

export function limitTests(test: Register): void {
  queueLimitTests(test);
  servedQueueTests(test);
  rateLimitTests(test);
  typeLimitTests(test);
  keyLimitTests(test);
}

function queueLimitTests(test: Register): void {
  test("nothing of a paused queue is claimed, however much waits there; what runs goes on", async ({ store }) => {
    const { claim, end } = await claimer(store);
    const running = newJob({ queue: "stopped" });
    await store.jobs.insert([running]);
    const before = await claim(claimable("noop"));
    await store.queues.setQueue({ name: "stopped", paused: PAUSE });
    const other = newJob({ priority: -5 });
    await store.jobs.insert([...many(500, { queue: "stopped", priority: 9 }), other]);
    const claimed = await claim(claimable("noop"));
    deepEqual([idsOf(claimed.jobs), claimed.nextInMs], [[other.id], null]);
    equal((await end(before.jobs))[0]?.state, "succeeded");
    await store.queues.setQueue({ name: "stopped", paused: null });
    equal((await claim(claimable("noop"))).jobs.length, 500);
  });

  test("a queue's concurrency counts every lease, of whatever worker and type", async ({ store }) => {
    const [first, second] = [await claimer(store), await claimer(store)];
    await store.queues.setQueue({ name: "q", concurrency: 3 });
    await store.jobs.insert([...many(4, { queue: "q", type: "a" }), ...many(4, { queue: "q", type: "b" })]);
    const held = await first.claim(claimable("a"), 2);
    equal(held.jobs.length, 2);
    const rest = await second.claim(claimable("a", "b"));
    deepEqual([rest.jobs.length, rest.nextInMs], [1, null]);
    await store.jobs.control(idsOf(held.jobs).map((id) => request(id, "pause")));
    deepEqual((await second.claim(claimable("a", "b"))).jobs, []);
    await first.end(held.jobs);
    equal((await second.claim(claimable("a", "b"))).jobs.length, 2);
  });

  test("a queue that gets a lower concurrency than it has leases waits until there is room", async ({ store }) => {
    const { claim, end } = await claimer(store);
    await store.jobs.insert(many(10, { queue: "q" }));
    const { jobs } = await claim(claimable("noop"), 4);
    await store.queues.setQueue({ name: "q", concurrency: 2 });
    await end(jobs.slice(0, 2));
    deepEqual((await claim(claimable("noop"))).jobs, []);
    await end(jobs.slice(2, 3));
    equal((await claim(claimable("noop"))).jobs.length, 1);
    await store.queues.setQueue({ name: "q", concurrency: null });
    equal((await claim(claimable("noop"))).jobs.length, 5);
  });

  test("jobs that are lost with their worker, or paused, leave their room to others", async ({ store }) => {
    const [lost, other] = [await claimer(store), await claimer(store)];
    await store.queues.setQueue({ name: "q", concurrency: 1 });
    await store.jobs.insert(many(3, { queue: "q" }));
    await lost.claim(claimable("noop"));
    deepEqual((await other.claim(claimable("noop"))).jobs, []);
    await store.leases.retire(lost.workerId);
    await store.leases.reap({ crashLimit: 1 });
    const { jobs } = await other.claim(claimable("noop"));
    equal(jobs.length, 1);
    await store.jobs.control([request(jobs[0]?.id ?? "", "pause")]);
    await store.jobs.settle(jobs.map(({ id, token }) => ({ id, token, workerId: other.workerId, event: "halt" })));
    equal((await other.claim(claimable("noop"))).jobs.length, 1);
  });

  test("a scheduled job of a queue without room is no reason to come back", async ({ store, advance }) => {
    const { claim } = await claimer(store);
    await store.queues.setQueue({ name: "q", concurrency: 1 });
    const inserted = await store.jobs.insert([newJob({ queue: "q" })]);
    const at = inserted[0]?.kind === "inserted" ? inserted[0].at : 0;
    await store.jobs.insert([newJob({ queue: "q", availableAt: at + 1_000 })]);
    equal((await claim(claimable("noop"))).nextInMs, null);
    await store.jobs.insert([newJob({ availableAt: at + 3_000 })]);
    equal((await claim(claimable("noop"))).nextInMs, 3_000);
    await advance(2_000);
    equal((await claim(claimable("noop"))).nextInMs, 1_000);
  });
}

function servedQueueTests(test: Register): void {
  test("limits count what holds a lease in all queues, also for a worker of some", async ({ store }) => {
    const { workerId, end } = await claimer(store);
    const types = [limited("noop", { concurrency: 2 })];
    const claim = (...queues: readonly string[]) => store.jobs.claim({ workerId, types, queues, limit: 10 });
    await store.queues.setQueue({ name: "a", concurrency: 1 });
    await store.queues.setQueue({ name: "b", rateLimit: { max: 3, perMs: 60_000 } });
    await store.jobs.insert([
      ...many(3, { queue: "a" }),
      ...many(4, { queue: "b" }),
      ...many(1, { queue: "c", priority: 9 }),
    ]);
    const ofA = await claim("a");
    deepEqual([ofA.jobs.map(({ queue }) => queue), ofA.nextInMs], [["a"], null]);
    const ofB = await claim("b", "a");
    deepEqual([ofB.jobs.map(({ queue }) => queue), ofB.nextInMs], [["b"], null]);
    deepEqual((await claim("c")).jobs, []);
    await end([...ofA.jobs, ...ofB.jobs]);
    const both = await claim("b");
    deepEqual([both.jobs.map(({ queue }) => queue), both.nextInMs], [["b", "b"], null]);
    await end(both.jobs);
    const spent = await claim("b");
    deepEqual(spent.jobs, []);
    ok(spent.nextInMs !== null && spent.nextInMs > 0 && spent.nextInMs <= 60_000);
    equal((await claim("none")).nextInMs, null);
    deepEqual(
      (await claim("a", "c")).jobs.map(({ queue }) => queue),
      ["c", "a"],
    );
  });

  test("a lease that ends wakes a worker of some queues, whoever claimed from others meanwhile", async ({ store }) => {
    const { workerId, claim, end } = await claimer(store);
    const types = [limited("noop", { perKey: 1 })];
    await store.jobs.insert(many(2, { queue: "a", concurrencyKey: "k" }));
    const held = await claim(types, 1);
    const ofA = { workerId, types, queues: ["a"], limit: 1 };
    deepEqual((await store.jobs.claim(ofA)).jobs, []);
    await store.jobs.insert(many(1, { queue: "b", concurrencyKey: "l" }));
    equal((await store.jobs.claim({ ...ofA, queues: ["b"] })).jobs.length, 1);
    const works: Notice[] = [];
    store.notifier.subscribe((notice) => void (notice.kind === "work" && works.push(notice)));
    await end(held.jobs);
    deepEqual(works, [{ kind: "work", inMs: 0 }]);
    equal((await store.jobs.claim(ofA)).jobs.length, 1);
  });
}

function rateLimitTests(test: Register): void {
  test("a rate limit holds in every window, not only in those that begin with a start", async ({ store, advance }) => {
    const { claim, end } = await claimer(store);
    await store.queues.setQueue({ name: "q", rateLimit: { max: 3, perMs: 1_000 } });
    await store.jobs.insert(many(20, { queue: "q" }));
    const started = async (limit: number) => {
      const { jobs, nextInMs } = await claim(claimable("noop"), limit);
      await end(jobs);
      return [jobs.length, nextInMs];
    };
    deepEqual(await started(2), [2, 0]);
    await advance(600);
    deepEqual(await started(10), [1, 400]);
    await advance(399);
    deepEqual(await started(10), [0, 1]);
    await advance(1);
    deepEqual(await started(10), [2, 600]);
    await advance(600);
    deepEqual(await started(10), [1, 400]);
    await advance(5_000);
    deepEqual(await started(10), [3, 1_000]);
  });

  test("a rate limit holds one queue back and no other, and time alone ends it", async ({ store, advance }) => {
    const { claim } = await claimer(store);
    await store.queues.setQueue({ name: "slow", rateLimit: { max: 1, perMs: 10_000 } });
    await store.jobs.insert([...many(3, { queue: "slow", priority: 5 }), ...many(2)]);
    const first = await claim(claimable("noop"));
    deepEqual(
      first.jobs.map((job) => job.queue),
      ["slow", "default", "default"],
    );
    equal(first.nextInMs, 10_000);
    await advance(4_000);
    await store.jobs.insert([newJob()]);
    equal((await claim(claimable("noop"), 1)).nextInMs, 6_000);
    await store.queues.setQueue({ name: "slow", rateLimit: null });
    equal((await claim(claimable("noop"))).jobs.length, 2);
  });

  test("a job of a rate-limited queue that waits for its time comes when both allow it", async ({ store, advance }) => {
    const { claim } = await claimer(store);
    await store.queues.setQueue({ name: "q", rateLimit: { max: 1, perMs: 1_000 } });
    const inserted = await store.jobs.insert([newJob({ queue: "q" })]);
    const at = inserted[0]?.kind === "inserted" ? inserted[0].at : 0;
    await store.jobs.insert([newJob({ queue: "q", availableAt: at + 300 })]);
    equal((await claim(claimable("noop"))).nextInMs, 1_000);
    await advance(1_000);
    await store.jobs.insert([newJob({ queue: "q", availableAt: at + 4_000 })]);
    deepEqual([(await claim(claimable("noop"))).jobs.length], [1]);
    equal((await claim(claimable("noop"))).nextInMs, 3_000);
  });

  test("a lower rate limit waits until enough starts are over", async ({ store, advance }) => {
    const { claim } = await claimer(store);
    await store.queues.setQueue({ name: "q", rateLimit: { max: 4, perMs: 1_000 } });
    await store.jobs.insert(many(10, { queue: "q" }));
    for (const limit of [1, 2, 1]) {
      await claim(claimable("noop"), limit);
      await advance(100);
    }
    await store.queues.setQueue({ name: "q", rateLimit: { max: 3, perMs: 1_000 } });
    equal((await claim(claimable("noop"))).nextInMs, 800);
    await store.queues.setQueue({ name: "q", rateLimit: { max: 1, perMs: 1_000 } });
    equal((await claim(claimable("noop"))).nextInMs, 900);
    await advance(900);
    deepEqual([(await claim(claimable("noop"))).jobs.length], [1]);
  });

  test("a higher rate limit counts what was started before", async ({ store }) => {
    const { claim } = await claimer(store);
    await store.queues.setQueue({ name: "q", rateLimit: { max: 2, perMs: 60_000 } });
    await store.jobs.insert(many(10, { queue: "q" }));
    equal((await claim(claimable("noop"))).jobs.length, 2);
    await store.queues.setQueue({ name: "q", rateLimit: { max: 5, perMs: 60_000 } });
    equal((await claim(claimable("noop"))).jobs.length, 3);
    deepEqual((await claim(claimable("noop"))).jobs, []);
  });
}

function typeLimitTests(test: Register): void {
  test("a type's concurrency counts every lease, in all queues and of all workers", async ({ store }) => {
    const [first, second] = [await claimer(store), await claimer(store)];
    const types = [limited("rare", { concurrency: 2 }), ...claimable("noop")];
    await store.jobs.insert([
      ...many(300, { type: "rare", priority: 3 }),
      ...many(2, { type: "rare", queue: "q" }),
      newJob(),
    ]);
    const held = await first.claim(types, 1);
    const rest = await second.claim(types);
    deepEqual([rest.jobs.map((job) => job.type), rest.nextInMs], [["rare", "noop"], null]);
    await first.end(held.jobs);
    equal((await first.claim(types)).jobs.length, 1);
  });

  test("a type that two workers allow differently keeps to what each of them says", async ({ store }) => {
    const { claim } = await claimer(store);
    await store.jobs.insert(many(10));
    equal((await claim([limited("noop", { concurrency: 3 })])).jobs.length, 3);
    equal((await claim([limited("noop", { concurrency: 2 })])).jobs.length, 0);
    equal((await claim([limited("noop", { concurrency: 5 })])).jobs.length, 2);
    equal((await claim(claimable("noop"))).jobs.length, 5);
  });
}

function keyLimitTests(test: Register): void {
  const perKey = (limit: number) => [limited("noop", { perKey: limit })];

  test("jobs of one type and key share a limit, in one claim and in many", async ({ store }) => {
    const { claim, end } = await claimer(store);
    const of = (concurrencyKey: string | null, changes: Partial<NewJob> = {}) => newJob({ concurrencyKey, ...changes });
    const jobs = [of("a"), of("a"), of("b", { queue: "q" }), of("a"), of("b"), of(null), of(null), of("b")];
    await store.jobs.insert(jobs);
    const first = await claim(perKey(1));
    deepEqual(idsOf(first.jobs), idsOf([jobs[0], jobs[2], jobs[5], jobs[6]].flatMap((job) => job ?? [])));
    equal(first.nextInMs, null);
    await end(first.jobs.slice(0, 1));
    deepEqual(idsOf((await claim(perKey(1))).jobs), [jobs[1]?.id]);
    deepEqual(idsOf((await claim(perKey(2))).jobs), [jobs[3]?.id, jobs[4]?.id]);
  });

  test("another type's jobs with the same key do not count, and without a limit keys mean nothing", async ({
    store,
  }) => {
    const { claim } = await claimer(store);
    await store.jobs.insert([...many(2, { concurrencyKey: "a" }), ...many(3, { concurrencyKey: "a", type: "other" })]);
    equal((await claim([limited("other", { perKey: 1 })])).jobs.length, 1);
    equal((await claim([limited("noop", { perKey: 1 })])).jobs.length, 1);
    equal((await claim(claimable("noop", "other"))).jobs.length, 3);
  });

  test("jobs of a key at its limit are stepped over, however many they are", async ({ store }) => {
    const { claim, end } = await claimer(store);
    await store.jobs.insert(many(900, { concurrencyKey: "busy", priority: 2 }));
    const held = await claim(perKey(1), 10);
    deepEqual([held.jobs.length, held.nextInMs], [1, null]);
    const others = [
      newJob({ concurrencyKey: "late", priority: 1 }),
      newJob({ concurrencyKey: "calm" }),
      newJob({ concurrencyKey: "later", priority: 1 }),
      newJob({ priority: -1 }),
    ];
    await store.jobs.insert([...others, ...many(50, { concurrencyKey: "calm" })]);
    const found = await claim(perKey(1), 10);
    deepEqual(idsOf(found.jobs), idsOf([others[0], others[2], others[1], others[3]].flatMap((job) => job ?? [])));
    equal(found.nextInMs, null);
    deepEqual((await claim(perKey(1), 10)).jobs, []);
    const calm = await claim(perKey(4), 5);
    deepEqual(
      calm.jobs.map((job) => job.concurrencyKey),
      ["busy", "busy", "busy", "calm", "calm"],
    );
    await end([...calm.jobs, ...held.jobs]);
    deepEqual(
      (await claim(perKey(1), 1)).jobs.map((job) => job.concurrencyKey),
      ["busy"],
    );
  });

  test("a job that is taken before others are stepped over is not taken twice", async ({ store }) => {
    const { claim } = await claimer(store);
    await store.jobs.insert(many(1_000, { concurrencyKey: "busy", priority: 2 }));
    equal((await claim(perKey(2), 10)).jobs.length, 2);
    const next = [newJob({ concurrencyKey: "b", priority: 3 }), newJob({ concurrencyKey: "b", priority: 1 })];
    await store.jobs.insert(next);
    deepEqual(idsOf((await claim(perKey(2), 10)).jobs), idsOf(next));
  });

  test("a job whose key has room is found among hundreds whose keys have none", async ({ store }) => {
    const { claim } = await claimer(store);
    await store.jobs.insert(
      Array.from({ length: 3_000 }, (_, index) => newJob({ concurrencyKey: `k${index % 1_500}` })),
    );
    equal((await claim(perKey(1), 1_500)).jobs.length, 1_500);
    const others = Array.from({ length: 20 }, (_, index) => `k${(index * 613) % 1_500}, not held`);
    for (const concurrencyKey of ["zzz", "aaa", ...others]) {
      const free = newJob({ concurrencyKey, priority: -1 });
      await store.jobs.insert([free]);
      let found = await claim(perKey(1), 5);
      for (let more = 0; found.jobs.length === 0 && found.nextInMs === 0 && more < 10; more += 1) {
        found = await claim(perKey(1), 5);
      }
      deepEqual(idsOf(found.jobs), [free.id]);
    }
  });

  test("of hundreds of keys each has its turn, also while those before it hold theirs", async ({ store }) => {
    const { claim } = await claimer(store);
    const jobs = Array.from({ length: 1_400 }, (_, index) => newJob({ concurrencyKey: `key ${index % 700}` }));
    await store.jobs.insert([...many(400, { concurrencyKey: "busy", priority: 1 }), ...jobs]);
    const keys: (string | null)[] = [];
    for (let round = 0; round < 200; round += 1) {
      const claimed = await claim(perKey(1), 50);
      keys.push(...claimed.jobs.map((job) => job.concurrencyKey));
      if (claimed.jobs.length === 0 && claimed.nextInMs === null) break;
    }
    deepEqual([keys.length, new Set(keys).size], [701, 701]);
    deepEqual(await claim(perKey(1), 50), { kind: "claimed", jobs: [], nextInMs: null });
  });
}
