// What every store must do, whatever its database: the suite drives it through its port alone, without sleeping.
// Run it with `storeContract(name, open)`; it registers its tests with node:test.
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { describe, it } from "node:test";
import { PawlError } from "../domain/errors.ts";
import type { JobRecord } from "../domain/job.ts";
import { ACTIONS, type Action, isFinal, isLeased, isRepeat, UNFINISHED_STATES } from "../domain/lifecycle.ts";
import { crashBackoffMs } from "../domain/retry.ts";
import type { Notice } from "../ports/notifier.ts";
import type { CheckpointWrite, LeaseRef, LogWrite, Store } from "../ports/store.ts";
import { type LifecycleCase, lifecycleCases } from "./lifecycle-cases.ts";
import { type Driver, drive, newId, newJob, reach, registerWorker, request } from "./store-driver.ts";

/** An empty store, and what a test may do to the world around it. */
export interface ContractStore {
  readonly store: Store;
  /** Lets this much time pass for the store. */
  advance(ms: number): void | Promise<void>;
  /** Closes the store and removes what it left. */
  dispose(): Promise<void>;
}

type Open = () => Promise<ContractStore>;
type Test = (context: ContractStore) => Promise<void>;

const PLENTY = { after: 0, limit: 1_000 };
const PROGRESS = { done: 1, total: 2, unit: "rows", message: null, ratePerSecond: null };
const NEWEST = { order: "newest", limit: 200, after: null } as const;

/**
 * Registers the contract as a suite of tests.
 *
 * @example
 * storeContract("SQLite on disk", async () => openInTemporaryFolder());
 */
export function storeContract(name: string, open: Open): void {
  const test: Register = (sentence, run) => {
    void it(sentence, async () => {
      const context = await open();
      try {
        await run(context);
      } finally {
        await context.dispose();
      }
    });
  };
  describe(name, { concurrency: false }, () => {
    describe("insert", () => insertTests(test));
    describe("claim", () => claimTests(test));
    describe("lifecycle", () => lifecycleTests(test));
    describe("settle", () => settleTests(test));
    describe("control", () => controlTests(test));
    describe("keys and groups", () => exclusionTests(test));
    describe("writes of an attempt", () => attemptTests(test));
    describe("leases", () => leaseTests(test));
    describe("history and logs", () => historyTests(test));
    describe("list", () => listTests(test));
    describe("files and removal", () => fileTests(test));
    describe("notices", () => noticeTests(test));
    describe("closing", () => closingTests(test));
  });
}

type Register = (sentence: string, run: Test) => void;

async function recordOf(store: Store, id: string): Promise<JobRecord> {
  const [job] = await store.jobs.get([id]);
  if (!job) throw new Error(`Job ${id} is gone.`);
  return job;
}

const one = <T>(values: readonly T[]): T => {
  const [value] = values;
  if (values.length !== 1 || value === undefined) throw new Error(`Expected one value, got ${values.length}.`);
  return value;
};

const kindsOf = async (store: Store, id: string): Promise<string[]> =>
  (await store.history.history(id, PLENTY)).map((entry) => entry.kind);

const withCode = (code: string) => (error: unknown) => error instanceof PawlError && error.code === code;

function insertTests(test: Register): void {
  test("a submitted job is found as it was submitted", async ({ store }) => {
    const job = newJob({ labels: { team: "a", "b:c": "d" }, input: { n: 1 }, priority: -3, canRollback: true });
    const result = one(await store.jobs.insert([job]));
    if (result.kind !== "inserted") throw new Error(result.kind);
    const record = await recordOf(store, job.id);
    deepEqual(
      { ...record, progress: null },
      {
        id: job.id,
        type: "noop",
        queue: "default",
        key: null,
        exclusiveGroup: null,
        priority: -3,
        labels: { team: "a", "b:c": "d" },
        input: { n: 1 },
        output: null,
        error: null,
        state: "queued",
        phase: "forward",
        run: 1,
        token: 0,
        attempt: 1,
        maxAttempts: 3,
        crashCount: 0,
        canRollback: true,
        rollbackOnFailure: false,
        control: null,
        checkpoint: { seq: 0, cursor: null, savedAt: null },
        progress: null,
        artifacts: [],
        abandoned: false,
        workerId: null,
        createdAt: result.at,
        availableAt: result.at,
        startedAt: null,
        claimedAt: null,
        finishedAt: null,
        runningMs: 0,
      },
    );
    deepEqual(record.progress, { done: 0, total: null, unit: null, message: null, ratePerSecond: null });
  });

  test("any JSON comes back as it went in, however large, deep or strange", async ({ store }) => {
    let deep: readonly unknown[] = [];
    for (let level = 0; level < 2_000; level += 1) deep = [deep];
    const inputs = [
      null,
      0,
      false,
      "",
      "x".repeat(300_000),
      "é".repeat(1_500),
      "\u0000 \ud800 \u2028 '\" \\ 😀",
      { __proto__x: 1, "": [1.5, 1e300, -0.1, 9_007_199_254_740_991] },
      JSON.parse(JSON.stringify(deep)),
    ];
    const jobs = inputs.map((input) => newJob({ input }));
    await store.jobs.insert(jobs);
    for (const [index, job] of jobs.entries()) {
      equal(JSON.stringify((await recordOf(store, job.id)).input), JSON.stringify(inputs[index]));
    }
  });

  test("a job that was inserted already is not inserted twice", async ({ store }) => {
    const job = newJob();
    const first = await store.jobs.insert([job]);
    deepEqual(await store.jobs.insert([job]), first);
    equal((await store.jobs.list(NEWEST)).length, 1);
  });

  test("a thousand jobs at once and a thousand one by one are all there", async ({ store }) => {
    await store.jobs.insert(Array.from({ length: 1_000 }, () => newJob({ queue: "bulk" })));
    const singly = Array.from({ length: 1_000 }, () => newJob({ queue: "single" }));
    const results = await Promise.all(singly.map((job) => store.jobs.insert([job])));
    ok(results.every((result) => one(result).kind === "inserted"));
    equal((await store.jobs.get(singly.map((job) => job.id))).length, 1_000);
  });

  test("a full queue refuses what is too much, and nothing else", async ({ store }) => {
    const limited = (queue: string) => newJob({ queue, queueLimit: 3 });
    const kinds = async (jobs: readonly ReturnType<typeof newJob>[]) =>
      (await store.jobs.insert(jobs)).map((result) => result.kind);
    deepEqual(await kinds([limited("a"), limited("a")]), ["inserted", "inserted"]);
    deepEqual(await kinds([limited("a"), limited("b"), limited("a")]), ["inserted", "inserted", "queue_full"]);
    deepEqual(await kinds([limited("a")]), ["queue_full"]);
    deepEqual(await kinds([newJob({ queue: "a", queueLimit: 4 })]), ["inserted"]);
  });

  test("only waiting jobs fill a queue", async ({ store }) => {
    const driver = await drive(store, { queue: "q" });
    const insert = async () => one(await store.jobs.insert([newJob({ queue: "q", queueLimit: 1 })])).kind;
    equal(await insert(), "queue_full");
    await driver.claim();
    equal(await insert(), "inserted");
    equal(await insert(), "queue_full");
    await driver.settle("halt");
    equal(one(await store.jobs.insert([newJob({ queue: "q", queueLimit: 2 })])).kind, "queue_full");
    await driver.control("cancel");
    equal(one(await store.jobs.insert([newJob({ queue: "q", queueLimit: 2 })])).kind, "inserted");
  });

  test("a member that is refused for its key does not fill its queue", async ({ store }) => {
    await store.jobs.insert([newJob({ key: "k" })]);
    const job = (key: string | null) => newJob({ key, queue: "q", queueLimit: 2 });
    const results = await store.jobs.insert([job("k"), job("k"), job(null), job(null), job(null)]);
    deepEqual(
      results.map((result) => result.kind),
      ["key_taken", "key_taken", "inserted", "inserted", "queue_full"],
    );
    equal(one(await store.jobs.insert([{ ...job(null), queueLimit: 3 }])).kind, "inserted");
    // The same where the limit is far away.
    await store.jobs.insert([newJob({ key: "k", queue: "r" }), newJob({ queue: "r" }), newJob({ queue: "r" })]);
    equal(one(await store.jobs.insert([newJob({ queue: "r", queueLimit: 2 })])).kind, "queue_full");
    equal(one(await store.jobs.insert([newJob({ queue: "r", queueLimit: 3 })])).kind, "inserted");
  });
}

function claimTests(test: Register): void {
  const claimedIds = async (store: Store, types: readonly string[], limit: number) => {
    const workerId = await registerWorker(store);
    return (await store.jobs.claim({ workerId, types, limit })).jobs.map((job) => job.id);
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

  test("only jobs of the asked types are claimed, and never more than the limit", async ({ store }) => {
    const wanted = [newJob({ type: "a" }), newJob({ type: "a" })];
    await store.jobs.insert([newJob({ type: "b", priority: 9 }), ...wanted]);
    deepEqual(await claimedIds(store, [], 10), []);
    deepEqual(await claimedIds(store, ["a"], 0), []);
    deepEqual(await claimedIds(store, ["a"], 1), [wanted[0]?.id]);
    deepEqual(await claimedIds(store, ["a", "none"], 10), [wanted[1]?.id]);
  });

  test("a job of a later time is not claimed before it, and holds nobody back", async ({ store, advance }) => {
    const first = one(await store.jobs.insert([newJob({ type: "x" })]));
    const at = first.kind === "inserted" ? first.at : 0;
    const later = newJob({ priority: 9, availableAt: at + 5_000 });
    const laterStill = newJob({ priority: 7, availableAt: at + 9_000 });
    const now = newJob();
    await store.jobs.insert([later, laterStill, now]);
    const workerId = await registerWorker(store);
    const claim = () => store.jobs.claim({ workerId, types: ["noop"], limit: 10 });
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
    const claim = () => store.jobs.claim({ workerId, types: ["noop"], limit: 1 });
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
      store.jobs.claim({ workerId: workers[index % 10] ?? "", types: ["noop"], limit: 3 }),
    );
    await Promise.all(inserts);
    const rest = workers.map((workerId) => store.jobs.claim({ workerId, types: ["noop"], limit: 500 }));
    const claimed = (await Promise.all([...claims, ...rest])).flatMap((result) => result.jobs.map((job) => job.id));
    equal(claimed.length, 500);
    equal(new Set(claimed).size, 500);
  });

  test("a worker that nobody knows claims nothing", async ({ store }) => {
    await store.jobs.insert([newJob()]);
    const result = await store.jobs.claim({ workerId: newId(), types: ["noop"], limit: 1 });
    deepEqual([result.kind, result.jobs.length], ["worker_dead", 0]);
  });
}

const CASES_AT_ONCE = 250;

async function bringAbout(driver: Driver, { event, rollback, attemptsLeft }: LifecycleCase): Promise<unknown> {
  switch (event) {
    case "claim":
      return driver.claim();
    case "succeed":
    case "halt":
      return driver.settle(event);
    case "fail":
      return driver.settle(event, {
        failure: { code: "error", message: "It broke.", details: null, retryInMs: attemptsLeft ? 1_000 : null },
      });
    case "cancel":
    case "terminate":
      return driver.control(event, { rollback });
    case "pause":
    case "resume":
    case "retry":
    case "rollback":
      return driver.control(event);
    case "lost":
      return null;
  }
}

interface Trial {
  readonly trial: LifecycleCase;
  readonly driver: Driver;
  readonly before: JobRecord;
  /** How many entries its history had. */
  readonly entriesBefore: number;
}

async function loseAll(store: Store, trials: readonly Trial[], crashLoop: boolean): Promise<void> {
  const lost = trials.filter(({ trial }) => trial.event === "lost" && trial.crashLoop === crashLoop);
  await Promise.all(lost.map(({ driver }) => store.leases.retire(driver.workerId)));
  await store.leases.reap({ crashLimit: crashLoop ? 1 : 100 });
}

function checkPlace(after: JobRecord): void {
  equal(after.workerId !== null, isLeased(after.state), "a worker holds it exactly in leased states");
  equal(after.claimedAt !== null, isLeased(after.state));
  equal(after.finishedAt !== null, isFinal(after.state), "it is finished exactly in final states");
}

async function checkCase(
  store: Store,
  { trial, driver, before, entriesBefore }: Trial,
  answer: unknown,
): Promise<void> {
  const { event, expected } = trial;
  const said = JSON.stringify(trial);
  const after = await driver.record();
  const place = { phase: after.phase, state: after.state };
  const entries = await store.history.history(driver.id, PLENTY);
  deepEqual(
    entries.map((entry) => entry.seq),
    entries.map((_, index) => index + 1),
    said,
  );
  checkPlace(after);
  if (expected === null) {
    deepEqual(after, before, said);
    equal(entries.length, entriesBefore, said);
  } else {
    deepEqual(place, { phase: expected.phase, state: expected.state }, said);
    const last = entries.at(-1);
    deepEqual([last?.kind, last?.state, last?.phase], [event, expected.state, expected.phase], said);
    equal(entries.length, entriesBefore + 1, said);
  }
  const action = ACTIONS.find((candidate) => candidate === event);
  if (action !== undefined) checkAnswer(trial, action, before, answer);
  else if (event !== "lost") equal(answer !== null, expected !== null, said);
}

function checkAnswer(trial: LifecycleCase, action: Action, before: JobRecord, answer: unknown): void {
  const repeat = isRepeat(action, before.phase, before.state, before.control?.action ?? null);
  const kind = trial.expected !== null ? "requested" : repeat ? "already" : "refused";
  ok(typeof answer === "object" && answer !== null && "kind" in answer);
  equal(answer.kind, kind, JSON.stringify(trial));
}

function lifecycleTests(test: Register): void {
  test("every event at every place, under all facts, leads exactly where the table says", async ({ store }) => {
    const cases = [...lifecycleCases()];
    ok(cases.length > 1_000);
    for (let from = 0; from < cases.length; from += CASES_AT_ONCE) {
      const trials = await Promise.all(
        cases.slice(from, from + CASES_AT_ONCE).map(async (trial) => {
          const driver = await reach(store, trial.phase, trial.state, trial.traits);
          const before = await driver.record();
          deepEqual([before.phase, before.state], [trial.phase, trial.state]);
          const entriesBefore = (await store.history.history(driver.id, PLENTY)).length;
          return { trial, driver, before, entriesBefore };
        }),
      );
      const answers = await Promise.all(trials.map(({ driver, trial }) => bringAbout(driver, trial)));
      await loseAll(store, trials, false);
      await loseAll(store, trials, true);
      await Promise.all(trials.map((trial, index) => checkCase(store, trial, answers[index])));
    }
  });
}

function settleTests(test: Register): void {
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
    const { jobs } = await store.jobs.claim({ workerId: worker, types: [(await driver.record()).type], limit: 1 });
    const lease: LeaseRef = { id: driver.id, workerId: worker, token: one(jobs).token };
    await store.jobs.checkpoint([{ ...lease, seq: 7, cursor: "c", progress: PROGRESS }]);
    await store.jobs.settle([{ ...lease, event: "fail", ...failure(1_000), progress: PROGRESS }]);
    await advance(1_000);
    const again = await store.jobs.claim({ workerId: worker, types: [one(jobs).type], limit: 1 });
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

function controlTests(test: Register): void {
  test("a request is kept with who, why and when, and reached when the job stops", async ({ store, advance }) => {
    const driver = await drive(store);
    await driver.claim();
    const answer = await driver.control("pause", { actor: "ann", reason: "lunch", requestId: "r1" });
    ok(answer.kind === "requested");
    const { control } = answer.job;
    deepEqual(control, {
      action: "pause",
      actor: "ann",
      reason: "lunch",
      requestId: "r1",
      requestedAt: control?.requestedAt,
      reachedAt: null,
      rollback: false,
      force: false,
    });
    await advance(40);
    await driver.settle("halt");
    equal((await driver.record()).control?.reachedAt, (control?.requestedAt ?? 0) + 40);
  });

  test("a request that needs nobody is reached at once", async ({ store }) => {
    const driver = await drive(store);
    const answer = await driver.control("cancel");
    ok(answer.kind === "requested");
    deepEqual([answer.job.state, answer.job.control?.reachedAt], ["cancelled", answer.job.control?.requestedAt]);
  });

  test("a pause that success overtakes is never reached", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.control("pause");
    await driver.settle("succeed");
    equal((await driver.record()).control?.reachedAt, null);
  });

  test("an escalated cancel keeps what was said of undoing, unless the terminate says otherwise", async ({ store }) => {
    const rollbackOf = async (first: boolean, second: boolean | null) => {
      const driver = await drive(store, { canRollback: true });
      await driver.claim();
      await driver.control("cancel", { rollback: first });
      const answer = await driver.control("terminate", { rollback: second });
      ok(answer.kind === "requested");
      deepEqual([answer.job.control?.action, answer.job.control?.force], ["terminate", true]);
      return answer.job.control?.rollback;
    };
    deepEqual(
      [
        await rollbackOf(false, null),
        await rollbackOf(true, null),
        await rollbackOf(false, true),
        await rollbackOf(true, false),
      ],
      [false, true, true, false],
    );
  });

  test("a cancel undoes by default where the type can", async ({ store }) => {
    for (const canRollback of [true, false]) {
      const driver = await drive(store, { canRollback });
      await driver.claim();
      await driver.control("cancel");
      const result = await driver.settle("halt");
      deepEqual([result?.state, result?.phase], canRollback ? ["queued", "rollback"] : ["cancelled", "forward"]);
    }
  });

  test("the strongest request stands, in whatever order they come at once", async ({ store }) => {
    const orders: Action[][] = [
      ["pause", "cancel", "terminate"],
      ["terminate", "pause", "cancel"],
      ["cancel", "terminate", "pause"],
    ];
    for (const order of orders) {
      const driver = await drive(store, { canRollback: true });
      await driver.claim();
      await Promise.all(order.map((action) => driver.control(action)));
      const job = await driver.record();
      deepEqual([job.state, job.control?.action, job.control?.force], ["cancelling", "terminate", true]);
    }
  });

  test("of the same request twice at once one is requested and one is already", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const answers = await Promise.all([driver.control("pause"), driver.control("pause")]);
    deepEqual(answers.map((answer) => answer.kind).sort(), ["already", "requested"]);
    const both = await store.jobs.control([request(driver.id, "resume"), request(driver.id, "resume")]);
    deepEqual(
      both.map((answer) => answer.kind),
      ["requested", "already"],
    );
  });

  test("a replayed request only repeats its answer, whatever happened since", async ({ store }) => {
    const driver = await drive(store);
    const pause = () => driver.control("pause", { requestId: "p" });
    const again = () => driver.control("pause", { requestId: "again" });
    const wrong = () => driver.control("retry", { requestId: "wrong" });
    const kinds = async () => [(await pause()).kind, (await again()).kind, (await wrong()).kind];
    deepEqual(await kinds(), ["requested", "already", "refused"]);
    await driver.control("resume");
    const before = await driver.record();
    const entries = await kindsOf(store, driver.id);
    deepEqual(entries, ["submit", "pause", "repeated", "refused", "resume"]);
    deepEqual(await kinds(), ["requested", "already", "refused"]);
    deepEqual(await driver.record(), before);
    deepEqual(await kindsOf(store, driver.id), entries);
  });

  test("a replay in one batch is a replay too, and request ids are the job's own", async ({ store }) => {
    const [a, b] = [await drive(store), await drive(store)];
    const answers = await store.jobs.control([
      request(a.id, "cancel", { requestId: "x" }),
      request(a.id, "cancel", { requestId: "x" }),
      request(b.id, "pause", { requestId: "x" }),
    ]);
    deepEqual(
      answers.map((answer) => answer.kind),
      ["requested", "requested", "requested"],
    );
    deepEqual(await kindsOf(store, a.id), ["submit", "cancel"]);
  });

  test("a job that is not there is missing", async ({ store }) => {
    deepEqual(await store.jobs.control([request(newId(), "pause")]), [{ kind: "missing" }]);
  });

  test("a refused request changes nothing and leaves no trace without a request id", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("succeed");
    const before = await driver.record();
    deepEqual(await driver.control("pause"), { kind: "refused", job: before });
    equal((await kindsOf(store, driver.id)).length, 3);
  });

  test("a resume keeps a time that has not come", async ({ store }) => {
    const driver = await drive(store, { availableAt: 9_999_999_999_999 });
    await driver.control("pause");
    await driver.control("resume");
    deepEqual([(await driver.record()).availableAt, await driver.claim()], [9_999_999_999_999, null]);
  });

  retryTests(test);
}

function retryTests(test: Register): void {
  const failed = async (store: Store, changes = {}) => {
    const driver = await drive(store, { maxAttempts: 1, ...changes });
    await driver.claim();
    await store.jobs.checkpoint([{ ...driver.lease(), seq: 3, cursor: "c", progress: PROGRESS }]);
    await driver.settle("fail");
    return driver;
  };

  test("a retry goes on at the checkpoint with fresh attempts", async ({ store }) => {
    const driver = await failed(store);
    await driver.control("retry");
    const job = await driver.record();
    deepEqual([job.state, job.run, job.attempt, job.crashCount, job.error], ["queued", 1, 1, 0, null]);
    deepEqual([job.finishedAt, job.checkpoint.seq, job.checkpoint.cursor, job.progress], [null, 3, "c", PROGRESS]);
    ok(await driver.claim());
  });

  test("a retry from the start forgets the checkpoint and counts a run", async ({ store }) => {
    const driver = await failed(store);
    await driver.control("retry", { fromStart: true });
    const job = await driver.record();
    deepEqual([job.run, job.checkpoint, job.progress.done], [2, { seq: 3, cursor: null, savedAt: null }, 0]);
  });

  test("a rolled back job is done anew from the start, forward", async ({ store }) => {
    const driver = await failed(store, { canRollback: true });
    await driver.control("rollback");
    const undoing = await driver.record();
    deepEqual([undoing.state, undoing.phase, undoing.checkpoint.cursor], ["queued", "rollback", null]);
    await driver.claim();
    await driver.settle("succeed");
    await driver.control("retry");
    const job = await driver.record();
    deepEqual([job.state, job.phase, job.run, job.checkpoint.cursor], ["queued", "forward", 2, null]);
  });

  test("a rollback that failed goes on at its own checkpoint", async ({ store }) => {
    const driver = await failed(store, { canRollback: true });
    await driver.control("rollback");
    await driver.claim();
    await driver.settle("fail", { checkpoint: { seq: 9, cursor: "half undone" } });
    equal((await driver.record()).state, "rollback_failed");
    await driver.control("rollback");
    const job = await driver.record();
    deepEqual([job.state, job.phase, job.attempt, job.checkpoint.cursor], ["queued", "rollback", 1, "half undone"]);
  });
}

function exclusionTests(test: Register): void {
  test("of two with the same key or group the first is inserted, and the other told who holds it", async ({
    store,
  }) => {
    const [a, b, c, d] = [
      newJob({ key: "k" }),
      newJob({ key: "k" }),
      newJob({ exclusiveGroup: "g" }),
      newJob({ exclusiveGroup: "g", key: "other" }),
    ];
    const results = await store.jobs.insert([a, b, c, d]);
    deepEqual(
      results.map((result) => result.kind),
      ["inserted", "key_taken", "inserted", "exclusive_group_taken"],
    );
    deepEqual(results[1], { kind: "key_taken", holder: a.id });
    deepEqual(results[3], { kind: "exclusive_group_taken", holder: c.id });
    equal((await store.jobs.get([b.id, d.id])).length, 0);
  });

  test("one of many who want a key at once gets it", async ({ store }) => {
    const jobs = Array.from({ length: 50 }, () => newJob({ key: "k" }));
    const results = (await Promise.all(jobs.map((job) => store.jobs.insert([job])))).map(one);
    const winners = jobs.filter((_, index) => results[index]?.kind === "inserted");
    equal(winners.length, 1);
    ok(
      results.every(
        (result) => result.kind === "inserted" || (result.kind === "key_taken" && result.holder === winners[0]?.id),
      ),
    );
  });

  test("a key is free when its job is finished, and held while it is undone", async ({ store }) => {
    const insert = async () => one(await store.jobs.insert([newJob({ key: "k" })])).kind;
    const driver = await drive(store, { key: "k", canRollback: true });
    await driver.claim();
    await driver.control("cancel");
    await driver.settle("halt");
    equal(await insert(), "key_taken");
    await driver.claim();
    await driver.settle("succeed");
    equal(await insert(), "inserted");
  });

  for (const field of ["key", "exclusiveGroup"] as const) {
    const kind = field === "key" ? "key_taken" : "exclusive_group_taken";
    test(`a retry and a rollback take the ${field} again, or are refused naming the holder`, async ({ store }) => {
      const finished = async (event: "succeed" | "fail") => {
        const driver = await drive(store, { [field]: "mine", canRollback: true });
        await driver.claim();
        await driver.settle(event);
        return driver;
      };
      const failed = await finished("fail");
      const succeeded = await finished("succeed");
      const holder = await drive(store, { [field]: "mine" });
      for (const [driver, action] of [
        [failed, "retry"],
        [succeeded, "rollback"],
      ] as const) {
        const before = await driver.record();
        deepEqual(await driver.control(action, { requestId: "r" }), { kind, job: before, holder: holder.id });
        deepEqual(await driver.record(), before);
      }
      await holder.control("cancel");
      const [first, second] = await store.jobs.control([
        request(failed.id, "retry"),
        request(succeeded.id, "rollback"),
      ]);
      equal(first?.kind, "requested");
      deepEqual([second?.kind, second?.kind === kind && second.holder], [kind, failed.id]);
      equal(one(await store.jobs.insert([newJob({ [field]: "mine" })])).kind, kind);
    });
  }
}

function attemptTests(test: Register): void {
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
    const { jobs } = await store.jobs.claim({ workerId, types: [(await driver.record()).type], limit: 1 });
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
      equal(await store.jobs.abandon(lease), false);
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
    deepEqual([await store.jobs.abandon(driver.lease()), await store.jobs.abandon(driver.lease())], [true, true]);
    equal((await driver.record()).abandoned, true);
    deepEqual(await kindsOf(store, driver.id), ["submit", "claim", "abandon"]);
    await driver.settle("halt");
    equal((await driver.record()).abandoned, false);
  });
}

function leaseTests(test: Register): void {
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
    equal((await store.jobs.claim({ workerId: driver.workerId, types: [job.type], limit: 1 })).kind, "worker_dead");
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
    await store.jobs.claim({ workerId, types: ["noop"], limit: 3 });
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
      const { jobs } = await store.jobs.claim({ workerId, types: ["noop"], limit: 1 });
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

function historyTests(test: Register): void {
  test("every change leaves an entry that says who, why and where the job stood", async ({ store }) => {
    const driver = await drive(store, { actor: "ann" });
    await driver.claim();
    await driver.control("pause", { actor: "bob", reason: "why" });
    await driver.settle("halt", { cause: "pause" });
    await driver.control("cancel", { rollback: false });
    const entries = await store.history.history(driver.id, PLENTY);
    const worker = `worker:${driver.workerId}`;
    deepEqual(
      entries.map((entry) => [entry.seq, entry.kind, entry.actor, entry.reason, entry.state, entry.phase]),
      [
        [1, "submit", "ann", null, "queued", "forward"],
        [2, "claim", worker, null, "running", "forward"],
        [3, "pause", "bob", "why", "pausing", "forward"],
        [4, "halt", worker, null, "paused", "forward"],
        [5, "cancel", "tester", null, "cancelled", "forward"],
      ],
    );
    deepEqual(
      entries.map((entry) => entry.data),
      [null, { worker: driver.workerId }, null, { cause: "pause" }, { rollback: false, force: false }],
    );
  });

  test("a failure, a crash and a retry say what they were about", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    await driver.settle("fail");
    await driver.control("retry", { fromStart: true });
    await driver.claim();
    await driver.lose(5);
    const data = (await store.history.history(driver.id, { after: 2, limit: 10 })).map((entry) => [
      entry.kind,
      entry.data,
    ]);
    deepEqual(data, [
      ["fail", { code: "error", message: "It broke." }],
      ["retry", { from: "start" }],
      ["claim", { worker: driver.workerId }],
      ["lost", { worker: driver.workerId }],
    ]);
  });

  test("pages go on after a seq", async ({ store }) => {
    const driver = await drive(store);
    for (let round = 0; round < 5; round += 1) {
      await driver.control("pause");
      await driver.control("resume");
    }
    const seqs = async (after: number, limit: number) =>
      (await store.history.history(driver.id, { after, limit })).map((entry) => entry.seq);
    deepEqual([await seqs(0, 3), await seqs(3, 3), await seqs(10, 5)], [[1, 2, 3], [4, 5, 6], [11]]);
    deepEqual([await seqs(11, 5), await store.history.history(newId(), PLENTY)], [[], []]);
  });

  test("entries have no gaps when everybody asks at once", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const actions: Action[] = ["pause", "resume", "cancel", "terminate", "retry", "rollback"];
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        driver.control(actions[index % actions.length] ?? "pause", { requestId: index % 2 === 0 ? `r${index}` : null }),
      ),
    );
    await driver.settle("halt");
    const entries = await store.history.history(driver.id, PLENTY);
    deepEqual(
      entries.map((entry) => entry.seq),
      entries.map((_, index) => index + 1),
    );
  });

  test("log lines are numbered per job, kept up to a bound, and read page by page", async ({ store }) => {
    const [a, b] = [await drive(store), await drive(store)];
    await a.claim();
    await b.claim();
    const line = (driver: Driver, message: string): LogWrite => ({
      ...driver.lease(),
      at: 5,
      level: "warn",
      message,
      fields: { m: message },
    });
    const lines = Array.from({ length: 10 }, (_, index) => line(index % 2 === 0 ? a : b, `m${index}`));
    equal(await store.logs.appendLogs(lines, { keep: 3 }), 10);
    equal(await store.logs.appendLogs([line(a, "last \u0000 \n")], { keep: 3 }), 1);
    const ofA = await store.logs.logs(a.id, PLENTY);
    deepEqual(
      ofA.map((entry) => [entry.seq, entry.message]),
      [
        [4, "m6"],
        [5, "m8"],
        [6, "last \u0000 \n"],
      ],
    );
    deepEqual(ofA[0], { seq: 4, at: 5, level: "warn", message: "m6", fields: { m: "m6" } });
    deepEqual(
      (await store.logs.logs(b.id, { after: 3, limit: 1 })).map((entry) => entry.message),
      ["m7"],
    );
  });
}

function listTests(test: Register): void {
  const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map((job) => job.id);

  test("pages go from newest to oldest or back, and nothing comes twice or is left out", async ({ store }) => {
    const jobs = Array.from({ length: 23 }, () => newJob());
    await store.jobs.insert(jobs);
    for (const order of ["newest", "oldest"] as const) {
      const expected = order === "oldest" ? idsOf(jobs) : idsOf(jobs).reverse();
      const seen: string[] = [];
      let after: string | null = null;
      for (let page = 0; page < 6; page += 1) {
        const found: readonly JobRecord[] = await store.jobs.list({ order, limit: 5, after });
        seen.push(...idsOf(found));
        after = found.at(-1)?.id ?? after;
      }
      deepEqual(seen, expected);
    }
  });

  test("a page goes on where a deleted job was", async ({ store }) => {
    const jobs = Array.from({ length: 5 }, () => newJob());
    await store.jobs.insert(jobs);
    const middle = jobs[2]?.id ?? "";
    await store.jobs.control([request(middle, "cancel")]);
    await store.jobs.remove(middle, { force: false });
    const after = async (order: "newest" | "oldest") =>
      idsOf(await store.jobs.list({ order, limit: 10, after: middle }));
    deepEqual(await after("newest"), idsOf(jobs.slice(0, 2)).reverse());
    deepEqual(await after("oldest"), idsOf(jobs.slice(3)));
  });

  test("filters hold together, whichever of them is given", async ({ store }) => {
    const finished = Array.from({ length: 12 }, (_, index) =>
      newJob({
        type: index % 2 === 0 ? "even" : "odd",
        queue: index % 3 === 0 ? "third" : "default",
        labels: index % 4 === 0 ? { size: "big", fourth: "yes" } : {},
        key: `key-${index % 6}-${index}`,
      }),
    );
    await store.jobs.insert(finished);
    const cancelled = finished.filter((_, index) => index >= 6);
    await store.jobs.control(cancelled.map((job) => request(job.id, "cancel")));
    const find = async (filter: object) => {
      const oldest = await store.jobs.list({ order: "oldest", limit: 200, after: null, ...filter });
      const newest = await store.jobs.list({ ...NEWEST, ...filter });
      deepEqual(idsOf(newest).reverse(), idsOf(oldest));
      return oldest.map((job) => finished.findIndex((candidate) => candidate.id === job.id));
    };
    deepEqual(await find({ state: ["cancelled"] }), [6, 7, 8, 9, 10, 11]);
    deepEqual(await find({ state: ["queued", "cancelled"], type: ["odd"] }), [1, 3, 5, 7, 9, 11]);
    deepEqual(await find({ type: ["even", "odd"], queue: ["third"] }), [0, 3, 6, 9]);
    deepEqual(await find({ queue: ["third", "none"], state: ["queued"] }), [0, 3]);
    deepEqual(await find({ label: "size:big" }), [0, 4, 8]);
    deepEqual(await find({ label: "fourth:yes", state: ["cancelled"] }), [8]);
    deepEqual(await find({ label: "fourth:no" }), []);
    deepEqual(await find({ key: "key-1-7" }), [7]);
    deepEqual(await find({ q: "key-1" }), [1, 7]);
    deepEqual(await find({ q: "key-1-", state: ["queued"] }), [1]);
    deepEqual(await find({ q: finished[3]?.id.slice(0, 8) ?? "" }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    deepEqual(await find({ q: finished[3]?.id ?? "" }), [3]);
    deepEqual(await find({ q: "%" }), []);
    deepEqual(await find({ state: [], type: ["odd"] }), []);
  });

  test("a key finds its jobs of all times", async ({ store }) => {
    const first = await drive(store, { key: "k" });
    await first.control("cancel");
    const second = await drive(store, { key: "k" });
    deepEqual(idsOf(await store.jobs.list({ ...NEWEST, key: "k" })), [second.id, first.id]);
  });
}

function fileTests(test: Register): void {
  const file = (changes = {}) => ({
    id: newId(),
    jobId: null,
    kind: "upload" as const,
    name: "a.csv",
    mediaType: "text/csv",
    size: 3,
    sha256: "ab",
    ...changes,
  });

  test("an upload belongs to the job that is submitted with it", async ({ store }) => {
    const [mine, free] = [file(), file()];
    await store.files.insertFile(mine);
    await store.files.insertFile(free);
    const job = newJob({ fileIds: [mine.id, newId()] });
    await store.jobs.insert([job, newJob()]);
    const found = new Map((await store.files.getFiles([mine.id, free.id, newId()])).map((entry) => [entry.id, entry]));
    deepEqual([found.size, found.get(mine.id)?.jobId, found.get(free.id)?.jobId], [2, job.id, null]);
    deepEqual({ ...found.get(free.id), createdAt: 0 }, { ...free, createdAt: 0 });
    await store.files.removeFiles([free.id]);
    deepEqual(await store.files.getFiles([free.id]), []);
  });

  test("an upload that two jobs use stays until the last of them is removed", async ({ store }) => {
    const upload = file();
    await store.files.insertFile(upload);
    const [first, second] = [
      await drive(store, { fileIds: [upload.id] }),
      await drive(store, { fileIds: [upload.id] }),
    ];
    await first.control("cancel");
    await second.control("cancel");
    deepEqual(await store.jobs.remove(second.id, { force: false }), { kind: "removed", fileIds: [] });
    equal(one(await store.files.getFiles([upload.id])).jobId, first.id);
    deepEqual(await store.jobs.remove(first.id, { force: false }), { kind: "removed", fileIds: [upload.id] });
  });

  test("a refused job takes no files", async ({ store }) => {
    const upload = file();
    await store.files.insertFile(upload);
    await store.jobs.insert([newJob({ key: "k" }), newJob({ key: "k", fileIds: [upload.id] })]);
    equal(one(await store.files.getFiles([upload.id])).jobId, null);
  });

  test("an artifact shows in its job, and a newer one of the same name replaces it", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const artifact = (id: string, name: string) => ({ id, name, mediaType: "text/csv", size: 3, sha256: "ab" });
    const [a, b, c] = [newId(), newId(), newId()];
    deepEqual(await store.files.insertArtifact(driver.lease(), artifact(a, "out.csv")), {
      lost: false,
      replaced: [],
    });
    deepEqual(await store.files.insertArtifact(driver.lease(), artifact(b, "log.txt")), {
      lost: false,
      replaced: [],
    });
    deepEqual(await store.files.insertArtifact(driver.lease(), artifact(c, "out.csv")), { lost: false, replaced: [a] });
    const { artifacts } = await driver.record();
    deepEqual(artifacts.map((entry) => [entry.name, entry.fileId]).sort(), [
      ["log.txt", b],
      ["out.csv", c],
    ]);
    deepEqual(
      artifacts.find((entry) => entry.fileId === c),
      {
        name: "out.csv",
        size: 3,
        sha256: "ab",
        mediaType: "text/csv",
        fileId: c,
      },
    );
    deepEqual(await store.files.getFiles([a]), []);
    const stored = one(await store.files.getFiles([c]));
    deepEqual([stored.jobId, stored.kind], [driver.id, "artifact"]);
  });

  test("a removed job goes with all that it has, and names its files", async ({ store }) => {
    const upload = file();
    await store.files.insertFile(upload);
    const driver = await drive(store, { fileIds: [upload.id], labels: { a: "b" }, input: "x".repeat(5_000), key: "k" });
    await driver.claim();
    const artifact = { id: newId(), name: "out", mediaType: "text/plain", size: 1, sha256: "00" };
    await store.files.insertArtifact(driver.lease(), artifact);
    const line = { ...driver.lease(), at: 1, level: "info", message: "m", fields: null } as const;
    await store.logs.appendLogs([line], { keep: 10 });
    deepEqual(await store.jobs.remove(driver.id, { force: true }), { kind: "refused", job: await driver.record() });
    await driver.settle("succeed");
    const result = await store.jobs.remove(driver.id, { force: false });
    deepEqual(
      [result.kind, result.kind === "removed" && [...result.fileIds].sort()],
      ["removed", [upload.id, artifact.id].sort()],
    );
    deepEqual(await store.jobs.get([driver.id]), []);
    deepEqual(await store.files.getFiles([upload.id, artifact.id]), []);
    deepEqual([await kindsOf(store, driver.id), await store.logs.logs(driver.id, PLENTY)], [[], []]);
    deepEqual(await store.jobs.list({ ...NEWEST, label: "a:b" }), []);
    deepEqual(await store.jobs.remove(driver.id, { force: false }), { kind: "missing" });
    equal(one(await store.jobs.insert([newJob({ key: "k" })])).kind, "inserted");
  });

  test("a removed job leaves nothing to the next one", async ({ store }) => {
    const driver = await drive(store, { input: "y".repeat(5_000) });
    await driver.control("cancel");
    await store.jobs.remove(driver.id, { force: false });
    const next = await drive(store, { input: "small" });
    deepEqual([(await next.record()).input, await kindsOf(store, next.id)], ["small", ["submit"]]);
  });

  test("no unfinished job is removed, and a failed rollback only by force", async ({ store }) => {
    const traits = { canRollback: true, rollbackOnFailure: false, started: true, choice: true, forced: false };
    for (const state of UNFINISHED_STATES) {
      const driver = await reach(store, "forward", state, traits);
      deepEqual(await store.jobs.remove(driver.id, { force: true }), { kind: "refused", job: await driver.record() });
    }
    const driver = await reach(store, "rollback", "rollback_failed", traits);
    deepEqual(await store.jobs.remove(driver.id, { force: false }), { kind: "refused", job: await driver.record() });
    deepEqual(await store.jobs.remove(driver.id, { force: true }), { kind: "removed", fileIds: [] });
  });
}

function noticeTests(test: Register): void {
  function listen(store: Store) {
    const heard: Notice[] = [];
    const stop = store.notifier.subscribe((notice) => heard.push(notice));
    return { stop, take: () => heard.splice(0), kinds: () => heard.splice(0).map((notice) => notice.kind) };
  }
  const statesIn = (notices: readonly Notice[], id: string) =>
    notices.flatMap((notice) =>
      notice.kind === "changed" ? notice.jobs.filter((job) => job.id === id).map((job) => job.state) : [],
    );

  test("waiting work is announced with the time from when it can be claimed", async ({ store, advance }) => {
    const { take } = listen(store);
    const worksAt = () => take().flatMap((notice) => (notice.kind === "work" ? [notice.inMs] : []));
    const driver = await drive(store);
    deepEqual(worksAt(), [0]);
    await driver.claim();
    deepEqual(worksAt(), []);
    await driver.settle("fail", { failure: { code: "e", message: "m", details: null, retryInMs: 4_000 } });
    deepEqual(worksAt(), [4_000]);
    await driver.control("pause");
    deepEqual(worksAt(), []);
    await driver.control("resume");
    deepEqual(worksAt(), [4_000]);
    await advance(4_000);
    await driver.claim();
    worksAt();
    await driver.lose(5);
    deepEqual(worksAt(), [0]);
  });

  test("every change of a job is told before whoever caused it hears of it", async ({ store }) => {
    const { take } = listen(store);
    const driver = await drive(store);
    deepEqual(statesIn(take(), driver.id), ["queued"]);
    await driver.claim();
    deepEqual(statesIn(take(), driver.id), ["running"]);
    await store.jobs.checkpoint([{ ...driver.lease(), seq: 1, cursor: null, progress: PROGRESS }]);
    await store.jobs.reportProgress([{ ...driver.lease(), progress: PROGRESS }]);
    deepEqual(statesIn(take(), driver.id), ["running", "running"]);
    await driver.settle("succeed");
    deepEqual(statesIn(take(), driver.id), ["succeeded"]);
    await store.jobs.remove(driver.id, { force: false });
    const removed = take().flatMap((notice) => (notice.kind === "changed" ? notice.jobs : []));
    deepEqual([removed.length, removed[0]?.removed], [1, true]);
  });

  test("a request for a held job is pushed to its worker, and a repetition is not", async ({ store }) => {
    const { take } = listen(store);
    const driver = await drive(store);
    await driver.claim();
    take();
    await driver.control("pause", { reason: "r", requestId: "x" });
    const pushed = take().filter((notice) => notice.kind === "control");
    deepEqual(
      pushed.map((notice) => [notice.workerId, notice.jobId, notice.token, notice.action]),
      [[driver.workerId, driver.id, 1, "pause"]],
    );
    await driver.control("pause");
    await driver.control("pause", { requestId: "x" });
    await driver.control("retry");
    deepEqual(take(), []);
  });

  test("log lines are told of, and nobody hears anything after leaving", async ({ store }) => {
    const { kinds, stop } = listen(store);
    const driver = await drive(store);
    await driver.claim();
    kinds();
    const line = { ...driver.lease(), at: 1, level: "info", message: "m", fields: null } as const;
    await store.logs.appendLogs([line], { keep: 5 });
    deepEqual(kinds(), ["logged"]);
    stop();
    await driver.settle("succeed");
    deepEqual(kinds(), []);
  });
}

function closingTests(test: Register): void {
  test("a store that is closed has finished what was under way, and refuses the rest", async ({ store }) => {
    const jobs = Array.from({ length: 20 }, () => newJob());
    const underWay = jobs.map((job) => store.jobs.insert([job]));
    await Promise.all([store.close(), store.close()]);
    ok((await Promise.all(underWay)).every((result) => one(result).kind === "inserted"));
    await store.close();
    const refused = withCode("store_unavailable");
    await rejects(store.jobs.insert([newJob()]), refused);
    await rejects(store.jobs.get([newId()]), refused);
    await rejects(store.jobs.list(NEWEST), refused);
    await rejects(store.ping(), refused);
  });

  test("a store that is open answers", async ({ store }) => {
    await store.ping();
    deepEqual(await store.jobs.get([]), []);
    deepEqual([await store.jobs.insert([]), await store.jobs.settle([]), await store.jobs.control([])], [[], [], []]);
  });
}
