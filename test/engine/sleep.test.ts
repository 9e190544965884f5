// Sleeping and trying again later: the job waits without a worker, and every request reaches it while it does.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { defineJob, type Interruption, type JobContext, type JobDefinition, TryAgainLater } from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { createGate, elapse, managerFor } from "./support.ts";

const MINUTE = 60_000;
const empty = z.object({});

const type = (run: (job: JobContext) => Promise<unknown>, more: Partial<JobDefinition<typeof empty>> = {}) =>
  defineJob({ type: "type", input: empty, ...more, run });

/** A manager whose time the test moves, with a job of the type that was submitted and has fallen asleep. */
async function asleep(t: TestContext, definition: JobDefinition<typeof empty>) {
  const clock = createFakeClock(Date.parse("2030-01-01T00:00:00Z"));
  const pawl = await managerFor(t, { jobs: [definition], concurrency: 1, clock });
  const { id } = await pawl.manager.submit({ type: "type", input: {} });
  const sleeping = () =>
    waitFor(
      async () => {
        const job = await pawl.manager.get(id);
        return job?.state === "queued" && Date.parse(job.availableAt) > clock.now() && job;
      },
      { what: "the job to sleep" },
    );
  return { pawl, id, pass: (ms: number) => elapse(clock, pawl, ms), job: await sleeping() };
}

/** Sleeps for a minute between two steps. */
function sleeper(runs: string[]) {
  return async (job: JobContext) => {
    await job.step("before", () => void runs.push("before"));
    await job.sleep("a minute", MINUTE);
    await job.step("after", () => void runs.push("after"));
    return "awake";
  };
}

test("a sleeping job holds no worker, and goes on after its sleep", async (t) => {
  const runs: string[] = [];
  const { pawl, pass, id, job } = await asleep(t, type(sleeper(runs)));
  assert.equal(job.availableAt, "2030-01-01T00:01:00.000Z");
  assert.equal(job.worker, null);
  await pass(MINUTE - 1);
  assert.equal((await pawl.manager.get(id))?.state, "queued");
  await pass(1);
  const done = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([done.state, done.output, done.attempt], ["succeeded", "awake", 1]);
  assert.deepEqual(runs, ["before", "after"]);
  const causes = (await pawl.manager.history(id)).filter((entry) => entry.kind === "halt").map((entry) => entry.data);
  assert.deepEqual(causes, [{ cause: "sleep" }]);
});

test("a pause during the sleep keeps its end", async (t) => {
  const { pawl, pass, id, job } = await asleep(t, type(sleeper([])));
  await pawl.manager.pause(id);
  await pass(MINUTE / 2);
  const { job: resumed } = await pawl.manager.resume(id);
  assert.deepEqual([resumed.state, resumed.availableAt], ["queued", job.availableAt]);
  await pass(MINUTE / 2);
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "succeeded");
});

test("a job that is resumed after the end of its sleep goes on at once", async (t) => {
  const { pawl, pass, id } = await asleep(t, type(sleeper([])));
  await pawl.manager.pause(id);
  await pass(2 * MINUTE);
  assert.equal((await pawl.manager.get(id))?.state, "paused");
  await pawl.manager.resume(id);
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "succeeded");
});

test("a pause that waits when the job falls asleep holds, and so does the sleep", async (t) => {
  const clock = createFakeClock(Date.parse("2030-01-01T00:00:00Z"));
  const [entered, go] = [createGate(), createGate()];
  const job = type(async (job) => {
    entered.open();
    await go.passed;
    await job.sleep("a minute", MINUTE);
    return "awake";
  });
  const pawl = await managerFor(t, { jobs: [job], clock });
  const { manager } = pawl;
  const { id } = await manager.submit({ type: "type", input: {} });
  await entered.passed;
  await manager.pause(id);
  go.open();
  const paused = await manager.waitUntil(id, "paused");
  assert.equal(paused.availableAt, "2030-01-01T00:01:00.000Z");
  await manager.resume(id);
  await elapse(clock, pawl, MINUTE);
  assert.equal((await manager.waitUntil(id, "final")).output, "awake");
});

test("a cancel that waits when the job falls asleep ends it at once", async (t) => {
  const clock = createFakeClock(0);
  const [entered, go] = [createGate(), createGate()];
  const job = type(
    async (job) => {
      entered.open();
      await go.passed;
      await job.sleep("a minute", MINUTE);
    },
    { rollback: async () => {} },
  );
  const { manager } = await managerFor(t, { jobs: [job], clock });
  const { id } = await manager.submit({ type: "type", input: {} });
  await entered.passed;
  await manager.cancel(id);
  go.open();
  assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
});

test("a crash during the sleep does not make it longer", async (t) => {
  const { pawl, pass, id, job } = await asleep(t, type(sleeper([])));
  await pass(MINUTE / 2);
  const manager = await pawl.crash();
  assert.equal((await manager.get(id))?.availableAt, job.availableAt);
  await pass(MINUTE / 2);
  const done = await manager.waitUntil(id, "final");
  assert.deepEqual([done.state, done.crashCount], ["succeeded", 0]);
});

for (const action of ["cancel", "terminate"] as const) {
  test(`a ${action} during the sleep undoes the job without waiting for its end`, async (t) => {
    const undone: string[] = [];
    const definition = type(sleeper([]), { rollback: async (job) => void undone.push(job.id) });
    const { pawl, id } = await asleep(t, definition);
    await pawl.manager[action](id);
    assert.equal((await pawl.manager.waitUntil(id, "final")).state, "rolled_back");
    assert.deepEqual(undone, [id]);
  });
}

test("a rollback sleeps, too", async (t) => {
  const definition = type(async () => {}, { rollback: (job) => job.sleep("a minute", MINUTE) });
  const clock = createFakeClock(0);
  const pawl = await managerFor(t, { jobs: [definition], clock });
  const { manager } = pawl;
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  await waitFor(async () => Date.parse((await manager.get(id))?.availableAt ?? "") === MINUTE, { what: "the sleep" });
  await elapse(clock, pawl, MINUTE);
  assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
});

test("a sleep that the handler swallows has not taken place", async (t) => {
  const causes: string[] = [];
  const clock = createFakeClock(0);
  const job = type(async (job) => {
    await job.sleep("ignored", MINUTE).catch((error: Interruption) => causes.push(error.cause));
    return job.attempt;
  });
  const { manager, store } = await managerFor(t, { jobs: [job], clock });
  const { id } = await manager.submit({ type: "type", input: {} });
  assert.equal((await manager.waitUntil(id, "final")).output, 1);
  assert.deepEqual(causes, ["sleep"]);
  assert.deepEqual(await store.steps.steps(id), []);
});

test("a sleep that is over cannot be slept again, so that no loop turns without a pause", async (t) => {
  const job = type(
    async (job) => {
      for (;;) await job.sleep("poll", 1);
    },
    { retry: { attempts: 1 } },
  );
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  const failed = await manager.waitUntil(id, "final");
  assert.match(failed.error?.message ?? "", /The sleep "poll" is over.*TryAgainLater/);
});

test("a short sleep keeps its worker, and is over when the job is retried", async (t) => {
  let waits = 0;
  const job = type(
    async (job) => {
      const before = performance.now();
      await job.sleep("a moment", 50);
      if (performance.now() - before >= 49) waits += 1;
      if (job.attempt === 1) throw new Error("again");
    },
    { retry: { backoff: { kind: "fixed", baseMs: 1, maxMs: 1 } } },
  );
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  assert.equal(waits, 1);
  const kinds = (await manager.history(id)).map((entry) => entry.kind);
  assert.deepEqual(kinds, ["submit", "claim", "fail", "claim", "succeed"]);
});

test("a sleep of no time, or of more than a year, is refused", async (t) => {
  for (const ms of [Number.NaN, -1, Number.POSITIVE_INFINITY, 400 * 1_440 * MINUTE]) {
    const job = type((job) => job.sleep("wrong", ms), { retry: { attempts: 1 } });
    const { manager } = await managerFor(t, { jobs: [job] });
    const { id } = await manager.submit({ type: "type", input: {} });
    assert.match((await manager.waitUntil(id, "final")).error?.message ?? "", /job\.sleep: ms is/);
    assert.throws(() => new TryAgainLater(ms), RangeError);
  }
});

test("a job that is to be tried again later keeps its checkpoint and its attempt, and holds no worker", async (t) => {
  const cursors: unknown[] = [];
  const definition = type(async (job) => {
    cursors.push(job.cursor);
    if (cursors.length > 1) return job.attempt;
    await job.checkpoint("here");
    throw new TryAgainLater(MINUTE, "the partner asked for a minute");
  });
  const { pawl, pass, id, job } = await asleep(t, definition);
  assert.equal(job.availableAt, "2030-01-01T00:01:00.000Z");
  assert.equal(job.error, null);
  await pass(MINUTE);
  assert.equal((await pawl.manager.waitUntil(id, "final")).output, 1);
  assert.deepEqual(cursors, [null, "here"]);
  const causes = (await pawl.manager.history(id)).filter((entry) => entry.kind === "halt").map((entry) => entry.data);
  assert.deepEqual(causes, [{ cause: "try_again_later" }]);
});

test("a job that puts itself off by nothing is not claimed again and again", async (t) => {
  const { job } = await asleep(
    t,
    type(() => Promise.reject(new TryAgainLater(0))),
  );
  assert.equal(job.availableAt, "2030-01-01T00:00:00.100Z");
});

test("sleeping jobs survive a clean stop at the moment when they fall asleep", async (t) => {
  const clock = createFakeClock(0);
  const entered = createGate();
  let runs = 0;
  const definition = type(async (job) => {
    runs += 1;
    entered.open();
    if (runs === 1) await new Promise<void>((resolve) => job.signal.addEventListener("abort", () => resolve()));
    await job.sleep("a minute", MINUTE);
    return "awake";
  });
  const pawl = await managerFor(t, { jobs: [definition], clock });
  const { id } = await pawl.manager.submit({ type: "type", input: {} });
  await entered.passed;
  const manager = await pawl.restart();
  assert.equal((await manager.get(id))?.availableAt, new Date(MINUTE).toISOString());
  await elapse(clock, pawl, MINUTE);
  assert.equal((await manager.waitUntil(id, "final")).output, "awake");
});
