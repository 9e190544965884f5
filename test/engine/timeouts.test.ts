// Time-outs of attempts: what takes too long is interrupted like a cancel, and has failed.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import {
  defineJob,
  type Job,
  type JobContext,
  type JobDefinition,
  type State,
  TryAgainLater,
} from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { createGate, elapse, type Gate, managerFor } from "./support.ts";

const LIMIT = 60_000;
const empty = z.object({});
const retry = { attempts: 2, backoff: { kind: "fixed", baseMs: 1_000, maxMs: 1_000 } } as const;

const type = (run: (job: JobContext) => Promise<unknown>, more: Partial<JobDefinition<typeof empty>> = {}) =>
  defineJob({ type: "type", input: empty, timeoutMs: LIMIT, retry, ...more, run });

async function start(t: TestContext, definition: JobDefinition<typeof empty>, submit: { timeoutMs?: number } = {}) {
  const clock = createFakeClock(Date.parse("2030-01-01T00:00:00Z"));
  const pawl = await managerFor(t, { jobs: [definition], clock });
  const { id } = await pawl.manager.submit({ type: "type", input: {}, ...submit });
  const until = (what: string, fits: (job: Job) => boolean) =>
    waitFor(
      async () => {
        const job = await pawl.manager.get(id);
        return job !== null && fits(job) && job;
      },
      { what },
    );
  const pass = (ms: number) => elapse(clock, pawl, ms);
  return { pawl, pass, id, until, state: (state: State) => until(state, (job) => job.state === state) };
}

/** Waits for ever, as a call that is given the signal does. */
const untilAborted = (job: JobContext) =>
  new Promise((_, reject) => job.signal.addEventListener("abort", () => reject(job.signal.reason)));

/** Opens a gate an attempt, then waits for ever. */
const entering = (gates: readonly Gate[]) => async (job: JobContext) => {
  gates[job.attempt - 1]?.open();
  await untilAborted(job);
};

test("an attempt that takes too long fails, is retried after its backoff, and fails in the end", async (t) => {
  const gates = [createGate(), createGate()] as const;
  const { pawl, pass, id, until } = await start(t, type(entering(gates)));
  await gates[0].passed;
  await pass(LIMIT - 1);
  assert.equal((await pawl.manager.get(id))?.state, "running");
  await pass(1);
  const waiting = await until("the retry", (job) => job.attempt === 2);
  assert.deepEqual([waiting.state, waiting.error?.code, waiting.error?.attempt], ["queued", "timeout", 1]);
  assert.match(waiting.error?.message ?? "", /longer than 60000 ms/);
  await pass(1_000);
  await gates[1].passed;
  await pass(LIMIT);
  const failed = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([failed.state, failed.error?.code, failed.error?.attempt], ["failed", "timeout", 2]);
});

test("a job's own time-out wins over that of its type", async (t) => {
  const gate = createGate();
  const { pawl, pass, id } = await start(t, type(entering([gate]), { retry: { attempts: 1 } }), { timeoutMs: 5_000 });
  await gate.passed;
  await pass(5_000);
  const failed = await pawl.manager.waitUntil(id, "final");
  assert.match(failed.error?.message ?? "", /longer than 5000 ms/);
  assert.equal(pawl.manager.jobTypes()[0]?.defaults.timeoutMs, LIMIT);
});

test("a pause that comes while the attempt unwinds from its time-out holds", async (t) => {
  const [entered, timedOut, go] = [createGate(), createGate(), createGate()];
  const { pawl, pass, id } = await start(
    t,
    type(async (job) => {
      entered.open();
      await untilAborted(job).catch(() => timedOut.open());
      await go.passed;
      await job.checkpoint();
    }),
  );
  await entered.passed;
  await pass(LIMIT);
  await timedOut.passed;
  await pawl.manager.pause(id);
  go.open();
  const paused = await pawl.manager.waitUntil(id, ["paused", "final"]);
  assert.deepEqual([paused.state, paused.error?.code, paused.attempt], ["paused", "timeout", 2]);
});

test("a time-out does not take the place of a pause that waits", async (t) => {
  const [entered, paused, go] = [createGate(), createGate(), createGate()];
  const { pawl, pass, id, state } = await start(
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
  go.open();
  const job = await state("paused");
  assert.deepEqual([job.attempt, job.error], [1, null]);
});

test("a cancel takes the place of a time-out", async (t) => {
  const [entered, timedOut, go] = [createGate(), createGate(), createGate()];
  const { pawl, pass, id } = await start(
    t,
    type(
      async (job) => {
        entered.open();
        await untilAborted(job).catch(() => timedOut.open());
        await go.passed;
        await job.checkpoint();
      },
      { rollback: async () => {} },
    ),
  );
  await entered.passed;
  await pass(LIMIT);
  await timedOut.passed;
  await pawl.manager.cancel(id);
  go.open();
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "rolled_back");
});

test("an attempt that ignores its time-out is shown as abandoned, and is taken at its word when it returns", async (t) => {
  const [entered, go] = [createGate(), createGate()];
  const { pawl, pass, id, until } = await start(
    t,
    type(
      async () => {
        entered.open();
        await go.passed;
        return "late";
      },
      { cancelGraceMs: 2_000 },
    ),
  );
  await entered.passed;
  await pass(LIMIT + 1_999);
  assert.equal((await pawl.manager.get(id))?.abandoned, false);
  await pass(1);
  const abandoned = await until("the mark", (job) => job.abandoned);
  assert.equal(abandoned.state, "running");
  go.open();
  const done = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([done.state, done.output, done.abandoned], ["succeeded", "late", false]);
});

test("what throws after its time-out for a reason of its own has failed for that reason", async (t) => {
  const entered = createGate();
  const { pawl, pass, id } = await start(
    t,
    type(
      async (job) => {
        entered.open();
        await untilAborted(job).catch(() => {
          throw new Error("connection closed");
        });
      },
      { retry: { attempts: 1 } },
    ),
  );
  await entered.passed;
  await pass(LIMIT);
  const { error } = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([error?.code, error?.message], ["error", "connection closed"]);
});

test("the time counts anew when the job is taken up again: after a pause, a crash, a sleep", async (t) => {
  const gates = [createGate(), createGate(), createGate()];
  let takenUp = 0;
  const { pawl, pass, id, state } = await start(
    t,
    type(async (job) => {
      gates[takenUp]?.open();
      takenUp += 1;
      if (takenUp < 3) await untilAborted(job);
      await job.sleep("long", 10 * LIMIT);
      return "done";
    }),
  );
  await gates[0]?.passed;
  await pass(LIMIT - 1_000);
  await pawl.manager.pause(id);
  await state("paused");
  await pawl.manager.resume(id);
  await gates[1]?.passed;
  await pass(LIMIT - 1_000);
  const manager = await pawl.crash();
  await gates[2]?.passed;
  await state("queued");
  await pass(10 * LIMIT);
  const done = await manager.waitUntil(id, "final");
  assert.deepEqual([done.state, done.output], ["succeeded", "done"]);
});

test("a rollback has no time-out", async (t) => {
  const [entered, go] = [createGate(), createGate()];
  const { pawl, pass, id } = await start(
    t,
    type(async () => {}, {
      async rollback(job) {
        entered.open();
        await go.passed;
        await job.checkpoint();
      },
    }),
  );
  await pawl.manager.waitUntil(id, "succeeded");
  await pawl.manager.rollback(id);
  await entered.passed;
  await pass(10 * LIMIT);
  go.open();
  assert.equal((await pawl.manager.waitUntil(id, "final")).state, "rolled_back");
});

test("a type that undoes on failure is undone when it is out of time", async (t) => {
  const gate = createGate();
  const definition = type(entering([gate]), {
    retry: { attempts: 1 },
    onFailure: "rollback",
    rollback: async () => {},
  });
  const { pawl, pass, id } = await start(t, definition);
  await gate.passed;
  await pass(LIMIT);
  const job = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([job.state, job.error?.code], ["rolled_back", "timeout"]);
});

test("a job that falls asleep, or puts itself off, after its time-out has failed all the same", async (t) => {
  for (const end of [(job: JobContext) => job.sleep("long", LIMIT), () => Promise.reject(new TryAgainLater(LIMIT))]) {
    const entered = createGate();
    const { pawl, pass, id } = await start(
      t,
      type(
        async (job) => {
          entered.open();
          await untilAborted(job).catch(() => {});
          await end(job);
        },
        { retry: { attempts: 1 } },
      ),
    );
    await entered.passed;
    await pass(LIMIT);
    assert.equal((await pawl.manager.waitUntil(id, "final")).error?.code, "timeout");
  }
});
