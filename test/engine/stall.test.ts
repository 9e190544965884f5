// The stall watchdog: a job that commits nothing for too long is shown, and ended as its type says.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { type Clock, defineJob, type Job, type JobContext, type JobDefinition } from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { createGate, elapse, managerFor } from "./support.ts";

const LIMIT = 30_000;
const empty = z.object({});
const retry = { attempts: 2, backoff: { kind: "fixed", baseMs: 0, maxMs: 0 } } as const;

const type = (run: (job: JobContext) => Promise<unknown>, more: Partial<JobDefinition<typeof empty>> = {}) =>
  defineJob({ type: "type", input: empty, stall: { afterMs: LIMIT }, retry, ...more, run });

/** Waits for ever, as a call that is given the signal does. */
const untilAborted = (job: JobContext) =>
  new Promise((_, reject) => job.signal.addEventListener("abort", () => reject(job.signal.reason)));

async function start(t: TestContext, definition: JobDefinition<typeof empty>, wrap?: (clock: Clock) => Clock) {
  const clock = createFakeClock(Date.parse("2030-01-01T00:00:00Z"));
  const pawl = await managerFor(t, { jobs: [definition], clock: wrap ? wrap(clock) : clock });
  const { id } = await pawl.manager.submit({ type: "type", input: {} });
  const pass = (ms: number) => elapse(clock, pawl, ms);
  const until = (what: string, fits: (job: Job) => boolean) =>
    waitFor(
      async () => {
        const job = await pawl.manager.get(id);
        return job !== null && fits(job) && job;
      },
      { what },
    );
  return { pawl, pass, id, until };
}

test("a stalled attempt is shown, fails, and is tried again", async (t) => {
  const [entered, go, again] = [createGate(), createGate(), createGate()];
  const definition = type(async (job) => {
    if (job.attempt === 2) return again.open();
    entered.open();
    await untilAborted(job).finally(() => go.passed);
  });
  const { pawl, pass, id, until } = await start(t, definition);
  await entered.passed;
  await pass(LIMIT - 1);
  assert.equal((await pawl.manager.get(id))?.stalled, false);
  await pass(1);
  const shown = await until("the mark", (job) => job.stalled);
  assert.equal(shown.state, "running");
  go.open();
  await again.passed;
  const done = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([done.state, done.stalled], ["succeeded", false]);
  const kinds = (await pawl.manager.history(id)).map((entry) => entry.kind);
  assert.deepEqual(kinds, ["submit", "claim", "stall", "fail", "claim", "succeed"]);
});

test("a type can say that a stalled job is not tried again, and is undone", async (t) => {
  const entered = createGate();
  const { pawl, pass, id } = await start(
    t,
    type(
      async (job) => {
        entered.open();
        await untilAborted(job);
      },
      { stall: { afterMs: LIMIT, policy: "stop" }, onFailure: "rollback", rollback: async () => {} },
    ),
  );
  await entered.passed;
  await pass(LIMIT);
  const job = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([job.state, job.error?.code, job.error?.attempt], ["rolled_back", "stalled", 1]);
  assert.match(job.error?.message ?? "", /no checkpoint, step or journal entry for 30000 ms/);
});

test("a type can say that a stalled job is only shown, until it gets on again", async (t) => {
  const [entered, go, saved, end] = [createGate(), createGate(), createGate(), createGate()];
  const { pawl, pass, id, until } = await start(
    t,
    type(
      async (job) => {
        entered.open();
        await go.passed;
        await job.checkpoint();
        saved.open();
        await end.passed;
      },
      { stall: { afterMs: LIMIT, policy: "show" } },
    ),
  );
  await entered.passed;
  await pass(3 * LIMIT);
  assert.equal((await until("the mark", (job) => job.stalled)).state, "running");
  go.open();
  await saved.passed;
  assert.equal((await pawl.manager.get(id))?.stalled, false);
  await pass(LIMIT);
  await until("the second mark", (job) => job.stalled);
  end.open();
  const done = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([done.state, done.stalled, done.attempt], ["succeeded", false, 1]);
  const stalls = (await pawl.manager.history(id)).filter((entry) => entry.kind === "stall");
  assert.equal(stalls.length, 2);
});

test("checkpoints, steps and journal entries are progress, and so is each undone entry", async (t) => {
  const pauses = Array.from({ length: 8 }, createGate);
  let reached = -1;
  /** Rests until the test lets it go on. */
  const rest = async () => {
    reached += 1;
    await pauses[reached]?.passed;
  };
  const definition = type(
    async (job) => {
      await rest();
      await job.checkpoint();
      await rest();
      await job.step("step", rest);
      await rest();
      await job.journal(["one", "two"]);
      await rest();
    },
    {
      async undo() {
        await rest();
      },
    },
  );
  const { pawl, pass, id } = await start(t, definition);
  const rests = async (from: number, to: number) => {
    for (let n = from; n <= to; n += 1) {
      await waitFor(async () => reached === n, { what: `rest ${n}` });
      await pass(LIMIT - 1_000);
      pauses[n]?.open();
    }
  };
  // The step's own rest and the one before it have the checkpoint before them in common.
  await rests(0, 0);
  await waitFor(async () => reached === 1, { what: "the rest before the step" });
  pauses[1]?.open();
  await rests(2, 4);
  assert.equal((await pawl.manager.waitUntil(id, "final")).attempt, 1);
  await pawl.manager.rollback(id);
  await rests(5, 6);
  const job = await pawl.manager.waitUntil(id, "final");
  const kinds = (await pawl.manager.history(id)).map((entry) => entry.kind);
  assert.deepEqual([job.state, job.attempt, kinds.includes("stall")], ["rolled_back", 1, false]);
});

test("an undo that stalls is interrupted, and the rollback goes on with its entry", async (t) => {
  const undone: unknown[] = [];
  const entered = createGate();
  const definition = type((job) => job.journal(["one", "two"]), {
    async undo(job, entry) {
      undone.push(entry);
      if (undone.length !== 1) return;
      entered.open();
      await untilAborted(job);
    },
  });
  const { pawl, pass, id } = await start(t, definition);
  await pawl.manager.waitUntil(id, "succeeded");
  await pawl.manager.rollback(id);
  await entered.passed;
  await pass(LIMIT);
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "rolled_back");
  assert.deepEqual(undone, ["two", "two", "one"]);
});

test("a stalled attempt that ignores its signal is shown as abandoned", async (t) => {
  const [entered, go] = [createGate(), createGate()];
  const { pawl, pass, id, until } = await start(
    t,
    type(
      async () => {
        entered.open();
        await go.passed;
      },
      { cancelGraceMs: 1_000 },
    ),
  );
  await entered.passed;
  await pass(LIMIT + 1_000);
  const job = await until("the mark", (job) => job.abandoned);
  assert.ok(job.stalled);
  go.open();
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "succeeded");
});

test("a pause that waits is not replaced: the stalled attempt is shown, and pauses", async (t) => {
  const [entered, paused, go] = [createGate(), createGate(), createGate()];
  const { pawl, pass, id, until } = await start(
    t,
    type(async (job) => {
      entered.open();
      await untilAborted(job).catch(() => paused.open());
      await go.passed;
      await job.checkpoint();
    }),
  );
  await entered.passed;
  await pawl.manager.pause(id);
  await paused.passed;
  await pass(LIMIT);
  assert.equal((await until("the mark", (job) => job.stalled)).state, "pausing");
  go.open();
  const job = await until("the pause", (job) => job.state === "paused");
  assert.deepEqual([job.attempt, job.stalled, job.error], [1, false, null]);
});

test("time in which the whole process stood still is not held against a job", async (t) => {
  const [entered, go] = [createGate(), createGate()];
  let lostMs = 0;
  const { pawl, pass, id } = await start(
    t,
    type(async () => {
      entered.open();
      await go.passed;
    }),
    // Timers that come late are all that a process sees of it.
    (clock) => ({ ...clock, monotonic: () => clock.monotonic() + lostMs }),
  );
  await entered.passed;
  await pass(LIMIT - 4_000);
  lostMs = 6_000;
  await pass(5_000);
  go.open();
  await pawl.manager.waitUntil(id, "final");
  const kinds = (await pawl.manager.history(id)).map((entry) => entry.kind);
  assert.deepEqual(kinds, ["submit", "claim", "succeed"]);
});
