// Queues, as operators see and set them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { createManager, defineJob } from "../../src/index.ts";
import { createGate, managerFor, numbers } from "./support.ts";

const FAR = "2099-01-01T00:00:00Z";
const quick = defineJob({ type: "quick", input: z.object({}), run: async () => "done" });

test("the list has the queues that were set and those that hold unfinished jobs, with what is in them", async (t) => {
  const [started, go] = [createGate(), createGate()];
  const slow = defineJob({
    type: "slow",
    input: z.object({}),
    async run() {
      started.open();
      await go.passed;
    },
  });
  const { manager } = await managerFor(t, { jobs: [quick, slow] });
  assert.deepEqual(await manager.queues.list(), []);
  await manager.queues.edit("reports", { concurrency: 2 });
  await manager.submit({ type: "slow", input: {}, queue: "imports" });
  await started.passed;
  const waiting = await manager.submitAll(
    numbers(3).map(() => ({ type: "quick", input: {}, queue: "imports", availableAt: FAR })),
  );
  await manager.pause(waiting[0]?.id ?? "");
  const ended = await manager.submit({ type: "quick", input: {}, queue: "done" });
  await manager.waitUntil(ended.id, "succeeded");
  const unlimited = { paused: null, concurrency: null, rateLimit: null };
  assert.deepEqual(await manager.queues.list(), [
    { name: "imports", ...unlimited, waiting: 2, running: 1, pausedJobs: 1 },
    { name: "reports", ...unlimited, concurrency: 2, waiting: 0, running: 0, pausedJobs: 0 },
  ]);
  go.open();
});

test("a paused queue starts nothing, says who paused it and why, and stays paused over a crash and a restart", async (t) => {
  const pawl = await managerFor(t, { jobs: [quick] });
  const paused = await pawl.manager.queues.pause("imports", { actor: "dana", reason: "the disk is full" });
  assert.deepEqual([paused.paused?.actor, paused.paused?.reason], ["dana", "the disk is full"]);
  const held = await pawl.manager.submit({ type: "quick", input: {}, queue: "imports" });
  await pawl.crash();
  await pawl.restart();
  const other = await pawl.manager.submit({ type: "quick", input: {} });
  await pawl.manager.waitUntil(other.id, "succeeded");
  assert.equal((await pawl.manager.get(held.id))?.state, "queued");
  assert.equal((await pawl.manager.queues.pause("imports", { actor: "eve" })).paused?.actor, "dana");
  assert.equal((await pawl.manager.queues.resume("imports")).paused, null);
  await pawl.manager.waitUntil(held.id, "succeeded");
});

test("a manager of some queues runs their jobs only, and shows which they are", async (t) => {
  const { manager, restart } = await managerFor(t, { jobs: [quick], queues: ["imports", "reports"] });
  const other = await manager.submit({ type: "quick", input: {}, priority: 9 });
  for (const queue of ["reports", "imports"]) {
    const { id } = await manager.submit({ type: "quick", input: {}, queue });
    await manager.waitUntil(id, "succeeded");
  }
  assert.equal((await manager.get(other.id))?.state, "queued");
  assert.deepEqual((await manager.workers())[0]?.queues, ["imports", "reports"]);
  const ofAll = await restart({ queues: null });
  await ofAll.waitUntil(other.id, "succeeded");
  assert.equal((await ofAll.workers())[0]?.queues, null);
});

test("queues that a manager cannot serve are refused when it is created", async (t) => {
  const { store, fileStore } = await managerFor(t, { jobs: [quick] });
  for (const { queues, message } of [
    { queues: [], message: /at least one queue; leave it out to claim from all/ },
    { queues: ["a", ""], message: /A name in queues has to have 1 to 100 characters/ },
    { queues: [".."], message: /A name in queues cannot be "\.\."/ },
  ]) {
    assert.throws(() => createManager({ store, fileStore, jobs: [quick], queues }), {
      code: "invalid_request",
      message,
    });
  }
});

test("what runs in a queue goes on when the queue is paused", async (t) => {
  const [started, go] = [createGate(), createGate()];
  const slow = defineJob({
    type: "slow",
    input: z.object({}),
    async run(job) {
      started.open();
      await go.passed;
      await job.checkpoint();
    },
  });
  const { manager } = await managerFor(t, { jobs: [slow] });
  const { id } = await manager.submit({ type: "slow", input: {}, queue: "imports" });
  await started.passed;
  await manager.queues.pause("imports");
  go.open();
  assert.equal((await manager.waitUntil(id, "final")).state, "succeeded");
});

test("limits are set one by one, and null takes one away", async (t) => {
  const { manager } = await managerFor(t, { jobs: [] });
  await manager.queues.edit("imports", { concurrency: 2 });
  await manager.queues.edit("imports", { rateLimit: { max: 10, perMs: 60_000 } });
  const both = await manager.queues.edit("imports", { concurrency: 3 });
  assert.deepEqual([both.concurrency, both.rateLimit], [3, { max: 10, perMs: 60_000 }]);
  const one = await manager.queues.edit("imports", { concurrency: null });
  assert.deepEqual([one.concurrency, one.rateLimit], [null, { max: 10, perMs: 60_000 }]);
});

test("what cannot be a queue or a limit is refused", async (t) => {
  const { manager } = await managerFor(t, { jobs: [] });
  const wrong = [
    {},
    { concurrency: 0 },
    { concurrency: 1.5 },
    { rateLimit: { max: 0, perMs: 1_000 } },
    { rateLimit: { max: 1, perMs: 0 } },
    { rateLimit: { max: 1, perMs: 86_400_001 } },
  ];
  for (const change of wrong) {
    await assert.rejects(manager.queues.edit("imports", change), { code: "invalid_request" }, JSON.stringify(change));
  }
  await assert.rejects(manager.queues.pause(""), { code: "invalid_request" });
  assert.deepEqual(await manager.queues.list(), []);
});
