// Steps: what was done once in a run is not done again, whatever happens to the attempt.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { defineJob, type JobContext, type JobDefinition } from "../../src/index.ts";
import { createGate, managerFor } from "./support.ts";

const fast = { attempts: 3, backoff: { kind: "fixed", baseMs: 1, maxMs: 1 } } as const;
const empty = z.object({});

/** A job type called `type` that does `run`. */
const type = (run: (job: JobContext) => Promise<unknown>, more: Partial<JobDefinition<typeof empty>> = {}) =>
  defineJob({ type: "type", input: empty, retry: fast, ...more, run });

test("a step is not run again when the job is retried, and answers what it answered", async (t) => {
  const runs: string[] = [];
  const job = type(async (job) => {
    const order = await job.step("order", async () => {
      runs.push("order");
      return { id: 7, gone: undefined };
    });
    if (runs.length === 1) {
      runs.push("fail");
      throw new Error("the first attempt fails");
    }
    return order;
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  const done = await manager.waitUntil(id, "final");
  assert.deepEqual(runs, ["order", "fail"]);
  assert.equal(done.attempt, 2);
  assert.deepEqual(done.output, { id: 7 });
});

test("the first run of a step answers what later ones will read", async (t) => {
  const answers: unknown[] = [];
  const job = type(async (job) => {
    answers.push(await job.step("nothing", () => undefined));
    answers.push(await job.step("partly", () => ({ a: 1, b: undefined })));
    if (job.attempt === 1) throw new Error("again");
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  assert.deepEqual(answers, [null, { a: 1 }, null, { a: 1 }]);
  assert.ok(!Object.hasOwn(Object(answers[1]), "b"));
});

test("a pause takes effect before the next step, and the resumed job goes on with it", async (t) => {
  const runs: string[] = [];
  const [entered, go] = [createGate(), createGate()];
  const job = type(async (job) => {
    await job.step("first", async () => {
      runs.push("first");
      entered.open();
      await go.passed;
    });
    await job.step("second", () => void runs.push("second"));
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await entered.passed;
  await manager.pause(id);
  go.open();
  await manager.waitUntil(id, "paused");
  assert.deepEqual(runs, ["first"]);
  await manager.resume(id);
  await manager.waitUntil(id, "succeeded");
  assert.deepEqual(runs, ["first", "second"]);
});

test("a step that was given the signal stops with its attempt, and is run again", async (t) => {
  let runs = 0;
  const entered = createGate();
  const job = type((job) =>
    job.step("call", async (signal) => {
      runs += 1;
      if (runs > 1) return "answered";
      entered.open();
      await sleep(60_000, undefined, { signal });
    }),
  );
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await entered.passed;
  await manager.pause(id);
  const paused = await manager.waitUntil(id, ["paused", "final"]);
  assert.deepEqual([paused.state, paused.attempt], ["paused", 1]);
  await manager.resume(id);
  assert.equal((await manager.waitUntil(id, "final")).output, "answered");
});

test("after a crash the finished step is remembered, and the one that was cut off is run again", async (t) => {
  const runs: string[] = [];
  const entered = createGate();
  const job = type(async (job) => {
    const first = await job.step("first", () => {
      runs.push("first");
      return 42;
    });
    await job.step("second", async () => {
      runs.push("second");
      if (runs.length > 2) return;
      entered.open();
      await new Promise(() => {});
    });
    return first;
  });
  const pawl = await managerFor(t, { jobs: [job] });
  const { id } = await pawl.manager.submit({ type: "type", input: {} });
  await entered.passed;
  const manager = await pawl.crash();
  const done = await manager.waitUntil(id, "final");
  assert.deepEqual(runs, ["first", "second", "second"]);
  assert.equal(done.output, 42);
  assert.equal(done.crashCount, 0);
});

test("a program that was changed meanwhile finds the steps of the earlier one", async (t) => {
  const entered = createGate();
  const old = type(async (job) => {
    await job.step("price", () => 10);
    entered.open();
    await job.wait(60_000);
  });
  const changed = type(async (job) => (await job.step("price", () => 99)) + (await job.step("tax", () => 2)));
  const pawl = await managerFor(t, { jobs: [old] });
  const { id } = await pawl.manager.submit({ type: "type", input: {} });
  await entered.passed;
  const manager = await pawl.restart({ jobs: [changed] });
  assert.equal((await manager.waitUntil(id, "final")).output, 12);
});

test("a retry from the checkpoint keeps the steps, one from the start forgets them", async (t) => {
  const runs: number[] = [];
  const job = type(
    async (job) => {
      await job.step("one", () => void runs.push(job.run));
      throw new Error("never");
    },
    { retry: { attempts: 1 } },
  );
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "failed");
  const fails = async (options: { from?: "start" }) => {
    await manager.retry(id, options);
    await manager.waitUntil(id, "failed");
  };
  await fails({});
  assert.deepEqual(runs, [1]);
  await fails({ from: "start" });
  assert.deepEqual(runs, [1, 2]);
});

test("the same step twice, one after the other or at once, is one run", async (t) => {
  let runs = 0;
  const job = type(async (job) => {
    const count = async () => {
      await job.wait(5);
      runs += 1;
      return runs;
    };
    const both = await Promise.all([job.step("count", count), job.step("count", count)]);
    return [...both, await job.step("count", count)];
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  assert.deepEqual((await manager.waitUntil(id, "final")).output, [1, 1, 1]);
  assert.equal(runs, 1);
});

test("a step that asks for itself is told so, instead of waiting for itself for ever", async (t) => {
  const job = type(
    (job) => job.step("charge", () => job.step("charge", () => "twice").then((result) => `${result} in itself`)),
    { retry: { attempts: 1 } },
  );
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  const done = await manager.waitUntil(id, "final");
  assert.equal(done.state, "failed");
  assert.match(done.error?.message ?? "", /^The step "charge" asks for itself/);
});

test("whoever waits for a step that is under way elsewhere is told of a pause, the step itself included", async (t) => {
  const entered = createGate();
  const job = type((job) =>
    job.step("charge", async () => {
      await null;
      entered.open();
      return job.step("charge", () => "in itself");
    }),
  );
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await entered.passed;
  await manager.pause(id);
  assert.equal((await manager.waitUntil(id, ["paused", "final"])).state, "paused");
  await manager.cancel(id);
});

test("an error of a step is the handler's, and is not remembered", async (t) => {
  let runs = 0;
  const work = async () => {
    runs += 1;
    if (runs === 1) throw new Error("not yet");
    return runs;
  };
  const job = type(async (job) => {
    const first = await job.step("work", work).catch((error: Error) => error.message);
    return [first, await job.step("work", work)];
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  assert.deepEqual((await manager.waitUntil(id, "final")).output, ["not yet", 2]);
});

test("when one of several steps fails, the others come to their end and are remembered", async (t) => {
  const runs: string[] = [];
  const go = createGate();
  const job = type(async (job) => {
    await Promise.all([
      job.step("slow", async () => {
        await go.passed;
        runs.push("slow");
      }),
      job.step("bad", async () => {
        runs.push("bad");
        if (job.attempt > 1) return;
        setImmediate(go.open);
        throw new Error("bad");
      }),
    ]);
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  assert.equal((await manager.waitUntil(id, "final")).state, "succeeded");
  assert.deepEqual(runs, ["bad", "slow", "bad"]);
});

test("the steps of a rollback are its own", async (t) => {
  const runs: string[] = [];
  const job = type(async (job) => void (await job.step("same", () => runs.push("forward"))), {
    async rollback(job) {
      await job.step("same", () => runs.push("rollback"));
      if (job.attempt === 1) throw new Error("again");
    },
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  await manager.waitUntil(id, "rolled_back");
  assert.deepEqual(runs, ["forward", "rollback"]);
});

test("a result that cannot be kept fails the job at once, and says why", async (t) => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  const cases = [
    { value: 10n, code: "step_not_json", says: /"?step:bad/ },
    { value: new Date(), code: "step_not_json", says: /a Date cannot be stored as JSON/ },
    { value: { price: Number.NaN }, code: "step_not_json", says: /\/price NaN/ },
    { value: loop, code: "step_not_json", says: /plain data/ },
    { value: () => {}, code: "step_not_json", says: /plain data/ },
    { value: "x".repeat(300_000), code: "step_too_large", says: /limit is 262144/ },
  ];
  for (const { value, code, says } of cases) {
    const pawl = await managerFor(t, { jobs: [type((job) => job.step("bad", () => value))] });
    const { id } = await pawl.manager.submit({ type: "type", input: {} });
    const job = await pawl.manager.waitUntil(id, "final");
    assert.deepEqual([job.state, job.attempt, job.error?.code], ["failed", 1, code]);
    assert.match(job.error?.message ?? "", says);
  }
});

test("steps whose results are too much together fail the job", async (t) => {
  const half = "x".repeat(250_000);
  const job = type(async (job) => {
    for (let n = 0; n < 100; n += 1) await job.step(`part ${n}`, () => half);
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  assert.equal((await manager.waitUntil(id, "final")).error?.code, "too_many_steps");
});

test("a step needs a name", async (t) => {
  const job = type((job) => job.step("", () => 1), { retry: { attempts: 1 } });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  assert.match((await manager.waitUntil(id, "final")).error?.message ?? "", /name of 1 to 200/);
});
