// Submitting: who gets in, who is refused, and what belongs to whom.
import { deepEqual, equal, ok } from "node:assert/strict";
import { NEWEST, one, type Register, recordOf } from "./context.ts";
import { drive, newJob } from "./store-driver.ts";

export function insertTests(test: Register): void {
  test("a submitted job is found as it was submitted", async ({ store }) => {
    const job = newJob({
      labels: { team: "a", "b:c": "d" },
      input: { n: 1 },
      priority: -3,
      canRollback: true,
      timeoutMs: 1_500,
      concurrencyKey: "tenant",
      secretFields: ["password", "auth.token"],
    });
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
        timeoutMs: 1_500,
        concurrencyKey: "tenant",
        secretFields: ["password", "auth.token"],
        control: null,
        checkpoint: { seq: 0, cursor: null, savedAt: null },
        progress: null,
        artifacts: [],
        abandoned: false,
        stalled: false,
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
