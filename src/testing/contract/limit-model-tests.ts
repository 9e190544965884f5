// Claims under limits that meet: queues, types, keys, priorities and times at random, each claim compared with what a plain
// reading of the contract takes.
import { deepEqual, equal, ok } from "node:assert/strict";
import type { RateLimit } from "../../domain/queue.ts";
import type { ClaimableType, NewJob, Store } from "../../ports/store.ts";
import type { ContractStore, Register } from "./context.ts";
import { newJob, registerWorker, request } from "./store-driver.ts";

const QUEUES = ["u", "v", "w", "x", "y", "z"] as const;
const TYPES = ["a", "b"] as const;
const KEYS = [null, "k", "l", "m"] as const;

/** Chooses by numbers that only depend on the seed. */
function createChoices(seed: number) {
  let state = seed;
  const below = (end: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
  return {
    below,
    of<T>(values: readonly T[]): T {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error("There is nothing to choose from.");
      return value;
    },
  };
}
type Choices = ReturnType<typeof createChoices>;

interface Waiting {
  readonly job: NewJob;
  readonly order: number;
  readonly availableAt: number;
  state: "queued" | "running" | "paused" | "over";
  token: number;
}

interface Queue {
  paused: boolean;
  concurrency: number | null;
  rateLimit: RateLimit | null;
  starts: number[];
}

/** What the contract says of claims, read plainly. */
function createModel() {
  const jobs: Waiting[] = [];
  const queues = new Map<string, Queue>(
    QUEUES.map((name) => [name, { paused: false, concurrency: null, rateLimit: null, starts: [] }]),
  );
  const queueOf = (name: string): Queue => {
    const queue = queues.get(name);
    if (!queue) throw new Error(`There is no queue ${name}.`);
    return queue;
  };
  const held = (fits: (job: NewJob) => boolean) =>
    jobs.filter(({ state, job }) => state === "running" && fits(job)).length;

  function mayStart({ job, availableAt }: Waiting, type: ClaimableType, now: number): boolean {
    const queue = queueOf(job.queue);
    const { concurrency, rateLimit } = queue;
    if (queue.paused || availableAt > now) return false;
    if (concurrency !== null && held((other) => other.queue === job.queue) >= concurrency) return false;
    if (type.concurrency !== null && held((other) => other.type === job.type) >= type.concurrency) return false;
    if (rateLimit && queue.starts.filter((at) => at > now - rateLimit.perMs).length >= rateLimit.max) return false;
    const sameKey = (other: NewJob) => other.type === job.type && other.concurrencyKey === job.concurrencyKey;
    return type.perKey === null || job.concurrencyKey === null || held(sameKey) < type.perKey;
  }

  function claim(types: readonly ClaimableType[], limit: number, now: number): string[] {
    const inOrder = jobs
      .filter(({ state }) => state === "queued")
      .sort((a, b) => b.job.priority - a.job.priority || a.availableAt - b.availableAt || a.order - b.order);
    const claimed: string[] = [];
    for (const waiting of inOrder) {
      const type = types.find(({ name }) => name === waiting.job.type);
      if (claimed.length === limit || !type || !mayStart(waiting, type, now)) continue;
      waiting.state = "running";
      const queue = queueOf(waiting.job.queue);
      if (queue.rateLimit) queue.starts.push(now);
      claimed.push(waiting.job.id);
    }
    return claimed;
  }

  /** When a job could start if nothing but time changed, `null` for never. */
  function nextAt(types: readonly ClaimableType[], now: number): number | null {
    const times = jobs.flatMap(({ job, availableAt }) => {
      const { starts, rateLimit } = queueOf(job.queue);
      return [availableAt, ...(rateLimit ? starts.map((at) => at + rateLimit.perMs) : [])];
    });
    const starts = (at: number) =>
      jobs.some((waiting) => {
        const type = types.find(({ name }) => name === waiting.job.type);
        return waiting.state === "queued" && type !== undefined && mayStart(waiting, type, at);
      });
    return (
      times
        .filter((at) => at > now)
        .sort((a, b) => a - b)
        .find(starts) ?? null
    );
  }

  return { jobs, queueOf, claim, nextAt };
}

async function insertSome(store: Store, model: ReturnType<typeof createModel>, choices: Choices, now: number) {
  const made = Array.from({ length: 1 + choices.below(40) }, () =>
    newJob({
      queue: choices.of(QUEUES),
      type: choices.of(TYPES),
      concurrencyKey: choices.of(KEYS),
      priority: choices.below(3),
      availableAt: choices.below(4) === 0 ? now + choices.below(400) : null,
    }),
  );
  await store.jobs.insert(made);
  for (const job of made) {
    const availableAt = job.availableAt ?? now;
    model.jobs.push({ job, order: model.jobs.length, availableAt, state: "queued", token: 0 });
  }
}

async function changeQueue(store: Store, model: ReturnType<typeof createModel>, choices: Choices) {
  const name = choices.of(QUEUES);
  const queue = model.queueOf(name);
  queue.paused = choices.below(4) === 0;
  queue.concurrency = choices.of([null, 1, 2, 4]);
  queue.rateLimit = choices.of([null, { max: 2, perMs: 300 }]);
  if (!queue.rateLimit) queue.starts = [];
  const paused = queue.paused ? { actor: "tester", reason: null } : null;
  await store.queues.setQueue({ name, paused, concurrency: queue.concurrency, rateLimit: queue.rateLimit });
}

async function play({ store, advance }: ContractStore, seed: number): Promise<void> {
  const choices = createChoices(seed);
  const model = createModel();
  const workers = [await registerWorker(store), await registerWorker(store)];
  const first = newJob({ type: "clock" });
  const inserted = await store.jobs.insert([first]);
  let now = inserted[0]?.kind === "inserted" ? inserted[0].at : 0;
  const holders = new Map<string, string>();

  // It may be too early: a job whose time comes may still have to wait for its key.
  function checkNext(nextInMs: number | null, at: number | null) {
    equal(nextInMs === 0, false, `seed ${seed}: come back at once, but for nothing`);
    if (at !== null) ok(nextInMs !== null && nextInMs <= at - now, `seed ${seed}: ${nextInMs} is after ${at - now}`);
  }

  async function claimSome() {
    const workerId = choices.of(workers);
    const types = TYPES.filter(() => choices.below(5) > 0).map((name) => ({
      name,
      concurrency: choices.of([null, null, 3]),
      perKey: choices.of([null, 1, 2]),
    }));
    const limit = 1 + choices.below(8);
    const expected = model.claim(types, limit, now);
    const { jobs, nextInMs } = await store.jobs.claim({ workerId, types, limit });
    deepEqual(
      jobs.map((job) => job.id),
      expected,
      `seed ${seed}`,
    );
    if (jobs.length < limit) checkNext(nextInMs, model.nextAt(types, now));
    for (const { id, token } of jobs) {
      holders.set(id, workerId);
      const waiting = model.jobs.find(({ job }) => job.id === id);
      if (waiting) waiting.token = token;
    }
  }

  async function endSome() {
    const ended = model.jobs.filter(({ state }) => state === "running" && choices.below(2) === 0);
    await store.jobs.settle(
      ended.map(({ job: { id }, token }) => ({ id, token, workerId: holders.get(id) ?? "", event: "succeed" })),
    );
    for (const waiting of ended) waiting.state = "over";
  }

  async function pauseOrResume() {
    const waiting = model.jobs.filter(({ state }) => state === "queued" || state === "paused");
    if (waiting.length === 0) return;
    const one = choices.of(waiting);
    const action = one.state === "paused" ? "resume" : "pause";
    await store.jobs.control([request(one.job.id, action)]);
    one.state = one.state === "paused" ? "queued" : "paused";
  }

  async function wait() {
    const ms = choices.below(200);
    await advance(ms);
    now += ms;
  }

  const steps = [
    () => insertSome(store, model, choices, now),
    () => changeQueue(store, model, choices),
    claimSome,
    claimSome,
    endSome,
    pauseOrResume,
    wait,
  ];
  for (let step = 0; step < 120; step += 1) await choices.of(steps)();
}

export function limitModelTests(test: Register): void {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`claims take what a plain reading takes, in its order (seed ${seed})`, (context) => play(context, seed));
  }
}
