// Loops over sources: places, batches, throttles, and a cursor kept in the author's own database.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import { sqliteTarget } from "../../src/stores/sqlite/index.ts";
import { createGate, managerFor, numbers } from "./support.ts";

test("batches have the asked size, and the last one what is left", async (t) => {
  const sizes: number[] = [];
  const offsets: number[] = [];
  const batcher = defineJob({
    type: "batcher",
    input: z.object({}),
    async run(job) {
      for await (const batch of job.iterate(numbers(2_500), { size: 1_000 })) {
        sizes.push(batch.items.length);
        offsets.push(batch.offset);
      }
    },
  });
  const { manager } = await managerFor(t, { jobs: [batcher] });
  const { id } = await manager.submit({ type: "batcher", input: {} });
  const job = await manager.waitUntil(id, "final");
  assert.deepEqual(sizes, [1_000, 1_000, 500]);
  assert.deepEqual(offsets, [0, 1_000, 2_000]);
  assert.equal(job.progress.done, 2_500);
});

test("a job with two loops keeps a place for each", async (t) => {
  const seen: string[] = [];
  const reached = createGate();
  const twice = defineJob({
    type: "twice",
    input: z.object({}),
    async run(job) {
      for await (const item of job.iterate(["a", "b"], { name: "letters" })) seen.push(item);
      for await (const item of job.iterate([1, 2, 3], { name: "numbers" })) {
        seen.push(String(item));
        if (item !== 2 || reachedOnce) continue;
        reachedOnce = true;
        reached.open();
        await new Promise<void>((resolve) => job.signal.addEventListener("abort", () => resolve()));
      }
    },
  });
  let reachedOnce = false;
  const { manager } = await managerFor(t, { jobs: [twice] });
  const { id } = await manager.submit({ type: "twice", input: {} });
  await reached.passed;
  await manager.pause(id);
  await manager.waitUntil(id, "paused");
  await manager.resume(id);
  await manager.waitUntil(id, "succeeded");
  assert.deepEqual(seen, ["a", "b", "1", "2", "3"]);
});

test("the same loop name twice in a job fails it with a message that says what to do", async (t) => {
  const confused = defineJob({
    type: "confused",
    input: z.object({}),
    retry: { attempts: 1 },
    async run(job) {
      for await (const _ of job.iterate([1]));
      for await (const _ of job.iterate([2]));
    },
  });
  const { manager } = await managerFor(t, { jobs: [confused] });
  const { id } = await manager.submit({ type: "confused", input: {} });
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "failed");
  assert.match(job.error?.message ?? "", /Give each loop of a job its own `name`/);
});

test("a loop that never waits lets other jobs and requests through", async (t) => {
  const endless = defineJob({
    type: "endless",
    input: z.object({}),
    async run(job) {
      for (let round = 0; ; round += 1) for await (const _ of job.iterate(numbers(10_000), { name: `round ${round}` }));
    },
  });
  const quick = defineJob({ type: "quick", input: z.object({}), run: async () => "done" });
  const { manager } = await managerFor(t, { jobs: [endless, quick] });
  const { id } = await manager.submit({ type: "endless", input: {} });
  await manager.waitUntil(id, "running");
  const other = await manager.submit({ type: "quick", input: {} });
  await manager.waitUntil(other.id, "succeeded");
  await manager.pause(id);
  await manager.waitUntil(id, "paused");
  await manager.cancel(id);
  await manager.waitUntil(id, "cancelled");
});

/** A job that copies numbers into a table of its own database, and can undo it. */
function copier(database: DatabaseSync, hooks: { afterCommit(n: number): Promise<void> }) {
  const target = sqliteTarget(database);
  database.exec("CREATE TABLE IF NOT EXISTS copies (job TEXT NOT NULL, number INTEGER NOT NULL)");
  return defineJob({
    type: "copier",
    input: z.object({ to: z.number() }),
    async run(job) {
      for await (const batch of job.iterate(numbers(job.input.to), { size: 3, target })) {
        await batch.commit(target, (tx) => {
          const insert = tx.prepare("INSERT INTO copies (job, number) VALUES (?, ?)");
          for (const number of batch.items) insert.run(job.id, number);
        });
        await hooks.afterCommit(batch.offset);
      }
    },
    async rollback(job) {
      await job.effects(target, (tx) => tx.prepare("DELETE FROM copies WHERE job = ?").run(job.id));
    },
  });
}

const copies = (database: DatabaseSync) =>
  database
    .prepare("SELECT number FROM copies ORDER BY rowid")
    .all()
    .map((row) => row.number);

test("rows that a target committed stand there exactly once after a crash, although no checkpoint told of them", async (t) => {
  const reached = createGate();
  let crashed = false;
  const hooks = {
    async afterCommit(offset: number) {
      if (offset !== 6 || crashed) return;
      reached.open();
      await new Promise(() => {});
    },
  };
  const pawl = await managerFor(t, { jobs: [] });
  const database = new DatabaseSync(join(pawl.directory, "own.db"));
  t.after(() => database.close());
  let manager = await pawl.restart({ jobs: [copier(database, hooks)] });
  const { id } = await manager.submit({ type: "copier", input: { to: 20 } });
  await reached.passed;
  crashed = true;
  manager = await pawl.crash({ jobs: [copier(database, hooks)] });
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded");
  assert.equal(job.progress.done, 20);
  assert.deepEqual(copies(database), numbers(20));
});

test("an attempt that was given up for dead can write nothing any more once another one has begun", async (t) => {
  const [reached, wakeUp, refused] = [createGate(), createGate(), createGate()];
  let stalls = 0;
  const pawl = await managerFor(t, { jobs: [] });
  const database = new DatabaseSync(join(pawl.directory, "own.db"));
  t.after(() => database.close());
  const hooks = {
    async afterCommit(offset: number) {
      if (offset !== 3 || stalls > 0) return;
      stalls += 1;
      reached.open();
      await wakeUp.passed;
      // The loop goes on to its next commit, in an attempt that is not the job's any more.
      setImmediate(refused.open);
    },
  };
  let manager = await pawl.restart({ jobs: [copier(database, hooks)] });
  const { id } = await manager.submit({ type: "copier", input: { to: 9 } });
  await reached.passed;
  manager = await pawl.crash({ jobs: [copier(database, hooks)] });
  await manager.waitUntil(id, "succeeded");
  wakeUp.open();
  await refused.passed;
  assert.deepEqual(copies(database), numbers(9));
  await manager.rollback(id);
  await manager.waitUntil(id, "rolled_back");
  assert.deepEqual(copies(database), []);
});

test("a batch that is not committed to the loop's target fails the job", async (t) => {
  const pawl = await managerFor(t, { jobs: [] });
  const database = new DatabaseSync(join(pawl.directory, "own.db"));
  t.after(() => database.close());
  const target = sqliteTarget(database);
  const forgetful = defineJob({
    type: "forgetful",
    input: z.object({}),
    retry: { attempts: 1 },
    async run(job) {
      for await (const _ of job.iterate(numbers(3), { size: 1, target }));
    },
  });
  const manager = await pawl.restart({ jobs: [forgetful] });
  const { id } = await manager.submit({ type: "forgetful", input: {} });
  const job = await manager.waitUntil(id, "final");
  assert.match(job.error?.message ?? "", /batch\.commit/);
});

test("a throttled loop keeps its rate and still stops at once", async (t) => {
  const seen: number[] = [];
  const slow = defineJob({
    type: "slow",
    input: z.object({}),
    async run(job) {
      for await (const number of job.iterate(numbers(1_000), { ratePerSecond: 1 })) seen.push(number);
    },
  });
  const { manager } = await managerFor(t, { jobs: [slow] });
  const { id } = await manager.submit({ type: "slow", input: {} });
  await manager.waitUntil(id, "running");
  await manager.cancel(id);
  await manager.waitUntil(id, "cancelled");
  assert.ok(seen.length < 100, `a rate of one a second let ${seen.length} items through`);
});
