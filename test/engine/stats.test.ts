// Figures about all jobs, and who works.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { createGate, managerFor, numbers } from "./support.ts";

const START = Date.parse("2026-01-01T00:00:30Z");
const work = defineJob({
  type: "work",
  input: z.object({ fail: z.boolean().optional() }),
  retry: { attempts: 1 },
  async run(job) {
    if (job.input.fail) throw new Error("as asked");
  },
});

test("jobs are counted by state, type and queue, and each minute of the last hour is there", async (t) => {
  const clock = createFakeClock(START);
  const { manager } = await managerFor(t, { jobs: [work], clock });
  for (const fail of [false, false, true]) {
    const { id } = await manager.submit({ type: "work", input: { fail } });
    await manager.waitUntil(id, "final");
  }
  clock.advance(120_000);
  await manager.submit({ type: "work", input: {}, queue: "later", availableAt: "2099-01-01T00:00:00Z" });
  const stats = await manager.stats();
  assert.deepEqual(
    [stats.states.succeeded, stats.states.failed, stats.states.queued, stats.states.running],
    [2, 1, 1, 0],
  );
  assert.equal(Object.keys(stats.states).length, 10);
  assert.deepEqual(stats.types, [{ type: "work", states: { succeeded: 2, failed: 1, queued: 1 } }]);
  assert.deepEqual(stats.queues, [
    { queue: "default", states: { succeeded: 2, failed: 1 } },
    { queue: "later", states: { queued: 1 } },
  ]);
  assert.equal(stats.minutes.length, 60);
  assert.equal(stats.minutes[0]?.at, "2025-12-31T23:03:00.000Z");
  const none = { started: 0, succeeded: 0, failed: 0, cancelled: 0, rolledBack: 0, rollbackFailed: 0 };
  assert.deepEqual(stats.minutes.slice(-3), [
    { at: "2026-01-01T00:00:00.000Z", submitted: 3, ...none, started: 3, succeeded: 2, failed: 1 },
    { at: "2026-01-01T00:01:00.000Z", submitted: 0, ...none },
    { at: "2026-01-01T00:02:00.000Z", submitted: 1, ...none },
  ]);
  assert.equal(stats.oldestWaiting, null, "what is scheduled for later does not wait yet");
});

test("the job that waits longest is named, with how long it waits; a paused queue's jobs do not wait for a worker", async (t) => {
  const clock = createFakeClock(START);
  const pawl = await managerFor(t, { jobs: [work], clock });
  await pawl.manager.stop();
  await pawl.manager.queues.pause("held");
  await pawl.manager.submit({ type: "work", input: {}, queue: "held" });
  clock.advance(1_000);
  const [first] = await pawl.manager.submitAll(numbers(3).map(() => ({ type: "work", input: {} })));
  clock.advance(5_000);
  const { oldestWaiting } = await pawl.manager.stats();
  assert.deepEqual(oldestWaiting, {
    id: first?.id,
    type: "work",
    queue: "default",
    availableAt: new Date(START + 1_000).toISOString(),
    waitingMs: 5_000,
  });
});

test("the figures are right after a crash in the middle of work", async (t) => {
  const [started, go] = [createGate(), createGate()];
  const slow = defineJob({
    type: "slow",
    input: z.object({}),
    async run() {
      started.open();
      await go.passed;
    },
  });
  const pawl = await managerFor(t, { jobs: [slow] });
  await pawl.manager.queues.pause("held");
  await pawl.manager.submit({ type: "slow", input: {}, queue: "held" });
  const { id } = await pawl.manager.submit({ type: "slow", input: {} });
  await started.passed;
  await pawl.crash();
  go.open();
  await pawl.manager.waitUntil(id, "succeeded");
  const { states, types } = await pawl.manager.stats();
  assert.deepEqual([states.queued, states.running, states.succeeded], [1, 0, 1]);
  assert.deepEqual(types, [{ type: "slow", states: { queued: 1, succeeded: 1 } }]);
});

test("a worker that is alive is shown with what it holds, and not any more when it has stopped", async (t) => {
  const [started, go] = [createGate(), createGate()];
  const slow = defineJob({
    type: "slow",
    input: z.object({}),
    async run() {
      started.open();
      await go.passed;
    },
  });
  const { manager } = await managerFor(t, { jobs: [slow], host: "app-1", concurrency: 7 });
  const { id } = await manager.submit({ type: "slow", input: {}, queue: "imports" });
  await started.passed;
  const [worker, ...others] = await manager.workers();
  assert.deepEqual(others, []);
  assert.deepEqual([worker?.host, worker?.pid, worker?.concurrency, worker?.running], ["app-1", process.pid, 7, 1]);
  assert.deepEqual(
    worker?.jobs.map((job) => ({ ...job, claimedAt: null })),
    [{ id, type: "slow", queue: "imports", claimedAt: null }],
  );
  assert.equal(worker?.id, (await manager.get(id))?.worker);
  go.open();
  await manager.waitUntil(id, "succeeded");
  await manager.stop();
  assert.deepEqual(await manager.workers(), []);
});
