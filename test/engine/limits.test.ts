// Who runs when: priorities, delays, and the limits of queues, types and keys, with pause, crash and restart.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineJob, type Manager } from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { createGate, type Gate, managerFor, numbers } from "./support.ts";

/** A job type whose jobs run until they are told to go on, or have to stop. */
function blocking(gates: Map<string, Gate> = new Map()) {
  const type = defineJob({
    type: "block",
    input: z.object({ tenant: z.string().optional() }),
    async run(job) {
      const gate = createGate();
      gates.set(job.id, gate);
      await Promise.race([gate.passed, job.wait(3_600_000)]);
    },
  });
  return { type, gates };
}

/** Waits until these many jobs run, and answers their ids, the oldest first. */
async function untilRunning(manager: Manager, count: number): Promise<readonly string[]> {
  const items = await waitFor(
    async () => {
      const { items } = await manager.list({ state: ["running"], order: "oldest", limit: 200 });
      return items.length === count && items;
    },
    { what: `${count} running jobs` },
  );
  return items.map(({ id }) => id);
}

/** Gives whatever could be claimed against a limit the time to be: a job of no limit that was submitted later has ended. */
async function settle(manager: Manager): Promise<void> {
  const { id } = await manager.submit({ type: "quick", input: {}, queue: "other" });
  await manager.waitUntil(id, "succeeded");
}

const quick = defineJob({ type: "quick", input: z.object({}), run: async () => "done" });

test("higher priorities go first, then who has waited longest, whatever the queue or type", async (t) => {
  const order: string[] = [];
  const note = (type: string) =>
    defineJob({
      type,
      input: z.object({ name: z.string() }),
      run: async (job) => void order.push(job.input.name),
    });
  const pawl = await managerFor(t, { jobs: [quick, note("one"), note("two")], concurrency: 1 });
  await pawl.manager.stop();
  const submit = (name: string, type: string, more: object = {}) =>
    pawl.manager.submit({ type, input: { name }, ...more });
  await submit("low", "one", { priority: -5 });
  await submit("first", "one");
  await submit("second", "two", { queue: "imports" });
  await submit("high", "two", { priority: 10 });
  await submit("later", "one", { priority: 99, availableAt: "2099-01-01T00:00:00Z" });
  const last = await submit("third", "one");
  await pawl.restart();
  await waitFor(async () => order.length === 5, { what: "five jobs" });
  assert.deepEqual(order, ["high", "first", "second", "third", "low"]);
  assert.equal((await pawl.manager.waitUntil(last.id, "final")).priority, 0);
});

test("a queue runs no more jobs at once than its concurrency, after a crash neither", async (t) => {
  const { type, gates } = blocking();
  const pawl = await managerFor(t, { jobs: [type, quick] });
  await pawl.manager.queues.edit("imports", { concurrency: 2 });
  await pawl.manager.submitAll(numbers(5).map(() => ({ type: "block", input: {}, queue: "imports" })));
  await untilRunning(pawl.manager, 2);
  await settle(pawl.manager);
  await pawl.crash();
  const [first = ""] = await untilRunning(pawl.manager, 2);
  await settle(pawl.manager);
  assert.equal((await pawl.manager.queues.list())[0]?.running, 2);
  gates.get(first)?.open();
  await pawl.manager.waitUntil(first, "succeeded");
  assert.equal((await untilRunning(pawl.manager, 2)).includes(first), false);
});

test("a job that is paused gives its slot in the queue to the next, and waits for one when it is resumed", async (t) => {
  const { type, gates } = blocking();
  const { manager } = await managerFor(t, { jobs: [type, quick] });
  await manager.queues.edit("imports", { concurrency: 1 });
  const [first, second] = await manager.submitAll(
    numbers(2).map(() => ({ type: "block", input: {}, queue: "imports" })),
  );
  assert.ok(first && second);
  await manager.waitUntil(first.id, "running");
  await manager.pause(first.id);
  await manager.waitUntil(second.id, "running");
  await manager.resume(first.id);
  await settle(manager);
  assert.equal((await manager.get(first.id))?.state, "queued");
  gates.get(second.id)?.open();
  await manager.waitUntil(first.id, "running");
});

test("a raised limit starts more at once", async (t) => {
  const { type } = blocking();
  const { manager } = await managerFor(t, { jobs: [type] });
  await manager.queues.edit("imports", { concurrency: 1 });
  await manager.submitAll(numbers(4).map(() => ({ type: "block", input: {}, queue: "imports" })));
  await untilRunning(manager, 1);
  await manager.queues.edit("imports", { concurrency: 3 });
  await untilRunning(manager, 3);
  await manager.queues.edit("imports", { concurrency: null });
  await untilRunning(manager, 4);
});

test("ten thousand waiting jobs of one tenant do not delay another tenant's", async (t) => {
  const { type } = blocking();
  const perTenant = {
    ...type,
    concurrency: { perKey: { key: (input: { tenant?: string }) => input.tenant ?? null, limit: 2 } },
  };
  const { manager } = await managerFor(t, { jobs: [perTenant, quick] });
  for (const _batch of numbers(10)) {
    await manager.submitAll(numbers(1_000).map(() => ({ type: "block", input: { tenant: "a" } })));
  }
  const small = await manager.submit({ type: "block", input: { tenant: "b" } });
  await manager.waitUntil(small.id, "running");
  await settle(manager);
  const running = await untilRunning(manager, 3);
  assert.ok(running.includes(small.id));
  assert.equal((await manager.get(small.id))?.concurrencyKey, "b");
});

test("a type runs no more jobs at once than it says, over all queues", async (t) => {
  const { type } = blocking();
  const { manager } = await managerFor(t, { jobs: [{ ...type, concurrency: { total: 3 } }, quick] });
  await manager.submitAll(numbers(8).map((n) => ({ type: "block", input: {}, queue: `queue-${n % 4}` })));
  await untilRunning(manager, 3);
  await settle(manager);
  await untilRunning(manager, 3);
});

test("a rate limit counts starts before a restart, and lets the rest start when their time has come", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const pawl = await managerFor(t, { jobs: [quick], clock });
  await pawl.manager.queues.edit("mails", { rateLimit: { max: 3, perMs: 60_000 } });
  await pawl.manager.submitAll(numbers(5).map(() => ({ type: "quick", input: {}, queue: "mails" })));
  const succeeded = async (count: number) => (await pawl.manager.stats()).states.succeeded === count;
  await waitFor(() => succeeded(3), { what: "three starts" });
  clock.advance(30_000);
  await pawl.restart();
  await settle(pawl.manager);
  assert.ok(await succeeded(4));
  clock.advance(29_999);
  await settle(pawl.manager);
  assert.ok(await succeeded(5));
  clock.advance(1);
  await waitFor(() => succeeded(7), { what: "the other two" });
});

test("a crash limit of one gives a job up at its first crash", async (t) => {
  const { type } = blocking();
  const pawl = await managerFor(t, { jobs: [type], crashLimit: 1 });
  const { id } = await pawl.manager.submit({ type: "block", input: {} });
  await pawl.manager.waitUntil(id, "running");
  await pawl.crash();
  const job = await pawl.manager.waitUntil(id, "final");
  assert.deepEqual([job.state, job.error?.code], ["failed", "crash_loop"]);
});

test("labels survive a crash, a pause and a restart, and find their job", async (t) => {
  const { type, gates } = blocking();
  const pawl = await managerFor(t, { jobs: [type] });
  const labels = { team: "a", "customer/id": "7:8" };
  const { id } = await pawl.manager.submit({ type: "block", input: {}, labels });
  await pawl.manager.waitUntil(id, "running");
  await pawl.crash();
  await pawl.manager.waitUntil(id, "running");
  await pawl.manager.pause(id);
  await pawl.manager.waitUntil(id, "paused");
  await pawl.restart();
  await pawl.manager.resume(id);
  await pawl.manager.waitUntil(id, "running");
  gates.get(id)?.open();
  assert.deepEqual((await pawl.manager.waitUntil(id, "succeeded")).labels, labels);
  const found = await pawl.manager.list({ label: "customer/id:7:8" });
  assert.deepEqual(
    found.items.map((job) => job.id),
    [id],
  );
});
