// The journal: what a job did is written down before it does it, and undone newest first, whatever cuts the undoing off.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineJob, type JobContext, type JobDefinition, type Json, TryAgainLater } from "../../src/index.ts";
import { waitFor } from "../support/wait-for.ts";
import { createGate, type Gate, managerFor, numbers } from "./support.ts";

const fast = { attempts: 3, backoff: { kind: "fixed", baseMs: 1, maxMs: 1 } } as const;
const empty = z.object({});

const type = (run: (job: JobContext) => Promise<unknown>, more: Partial<JobDefinition<typeof empty>> = {}) =>
  defineJob({ type: "type", input: empty, retry: fast, ...more, run });

/** What jobs did to the world outside: created things, and every undo that was made. */
function createWorld() {
  const things = new Set<Json>();
  const undone: Json[] = [];
  return {
    things,
    undone,
    undo: async (_job: JobContext, entry: Json) => {
      undone.push(entry);
      things.delete(entry);
    },
  };
}

/** Journals and makes `count` things, then rests at the gate if there is one. */
function maker(world: ReturnType<typeof createWorld>, count: number, rest?: { made: Gate; go: Gate }) {
  return async (job: JobContext) => {
    for await (const number of job.iterate(numbers(count))) {
      await job.journal(number);
      world.things.add(number);
    }
    rest?.made.open();
    await rest?.go.passed;
    await job.checkpoint();
  };
}

test("a rollback undoes the newest entry first, counts entries, and leaves an empty journal", async (t) => {
  const world = createWorld();
  const { manager, store } = await managerFor(t, { jobs: [type(maker(world, 5), world)] });
  const { id } = await manager.submit({ type: "type", input: {} });
  const done = await manager.waitUntil(id, "succeeded");
  assert.ok(done.allowedActions.includes("rollback"));
  assert.equal(await store.journal.size(id), 5);
  await manager.rollback(id);
  const undone = await manager.waitUntil(id, "final");
  assert.equal(undone.state, "rolled_back");
  assert.deepEqual(world.undone, [4, 3, 2, 1, 0]);
  assert.deepEqual([undone.progress.done, undone.progress.total, undone.progress.unit], [5, 5, "entries"]);
  assert.equal(await store.journal.size(id), 0);
});

test("an array is several entries, and calls that are made at once keep their order", async (t) => {
  const world = createWorld();
  const job = type(async (job) => {
    await Promise.all([job.journal(["a", "b"]), job.journal("c"), job.journal([]), job.journal([["d", "e"]])]);
  }, world);
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  await manager.waitUntil(id, "rolled_back");
  assert.deepEqual(world.undone, [["d", "e"], "c", "b", "a"]);
});

test("a type with both undoes its entries first, then runs its rollback", async (t) => {
  const world = createWorld();
  const job = type(maker(world, 2), { undo: world.undo, rollback: async () => void world.undone.push("all") });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  await manager.waitUntil(id, "rolled_back");
  assert.deepEqual(world.undone, [1, 0, "all"]);
});

test("a job that is killed between an entry and its effect is undone whole", async (t) => {
  const world = createWorld();
  const cutOff = createGate();
  const job = type(async (job) => {
    for (const thing of ["first", "second"]) {
      await job.journal(thing);
      if (thing === "second") {
        cutOff.open();
        await new Promise(() => {});
      }
      world.things.add(thing);
    }
  }, world);
  const pawl = await managerFor(t, { jobs: [job] });
  const { id } = await pawl.manager.submit({ type: "type", input: {} });
  await cutOff.passed;
  await pawl.manager.cancel(id);
  const manager = await pawl.crash();
  assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
  assert.deepEqual(world.undone, ["second", "first"], "also the entry whose effect never happened");
  assert.equal(world.things.size, 0);
});

test("a rollback that is killed in the middle goes on with the entry that was cut off", async (t) => {
  const world = createWorld();
  const cutOff = createGate();
  const job = type(maker(world, 6), {
    async undo(job, entry) {
      await world.undo(job, entry);
      if (entry !== 3 || world.undone.length > 3) return;
      cutOff.open();
      await new Promise(() => {});
    },
  });
  const pawl = await managerFor(t, { jobs: [job] });
  const { id } = await pawl.manager.submit({ type: "type", input: {} });
  await pawl.manager.waitUntil(id, "succeeded");
  await pawl.manager.rollback(id);
  await cutOff.passed;
  const manager = await pawl.crash();
  const undone = await manager.waitUntil(id, "final");
  assert.equal(undone.state, "rolled_back");
  assert.deepEqual(world.undone, [5, 4, 3, 3, 2, 1, 0]);
  assert.equal(undone.crashCount, 0, "each undone entry is progress");
});

test("a rollback can be paused between two entries, and goes on counting when it is resumed", async (t) => {
  const world = createWorld();
  const [entered, go] = [createGate(), createGate()];
  const job = type(maker(world, 6), {
    async undo(job, entry) {
      if (entry === 4) {
        entered.open();
        await go.passed;
      }
      await world.undo(job, entry);
    },
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  await entered.passed;
  await manager.pause(id);
  go.open();
  const paused = await manager.waitUntil(id, ["paused", "final"]);
  assert.deepEqual([paused.state, paused.phase], ["paused", "rollback"]);
  assert.deepEqual(world.undone, [5, 4], "the entry that was under way is finished");
  assert.deepEqual([paused.progress.done, paused.progress.total], [2, 6]);
  await manager.resume(id);
  const undone = await manager.waitUntil(id, "final");
  assert.deepEqual(world.undone, [5, 4, 3, 2, 1, 0]);
  assert.deepEqual([undone.progress.done, undone.progress.total], [6, 6]);
});

test("an undo that fails is tried again; given up by terminate, it goes on when the rollback is asked for again", async (t) => {
  const world = createWorld();
  let broken = true;
  const tried = createGate();
  const job = type(maker(world, 3), {
    retry: { attempts: 1_000, backoff: fast.backoff },
    async undo(job, entry) {
      if (entry === 1 && broken) {
        if (job.attempt === 2) tried.open();
        throw new Error("the other side is down");
      }
      await world.undo(job, entry);
    },
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  await tried.passed;
  await manager.terminate(id);
  assert.equal((await manager.waitUntil(id, "final")).state, "rollback_failed");
  assert.deepEqual(world.undone, [2]);
  broken = false;
  await manager.rollback(id);
  assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
  assert.deepEqual(world.undone, [2, 1, 0]);
});

test("an undo can put itself off without using up an attempt", async (t) => {
  const world = createWorld();
  let asked = 0;
  const job = type(maker(world, 2), {
    async undo(job, entry) {
      asked += 1;
      if (asked === 1) throw new TryAgainLater(1, "too many requests");
      await world.undo(job, entry);
    },
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  const undone = await manager.waitUntil(id, "final");
  assert.deepEqual([undone.state, undone.attempt], ["rolled_back", 1]);
  assert.deepEqual(world.undone, [1, 0]);
});

test("a retry from the start journals anew, and the entries of the earlier run are undone as well", async (t) => {
  const world = createWorld();
  const job = type(
    async (job) => {
      await job.journal(`run ${job.run}`);
      if (job.run === 1) throw new Error("the first run fails");
    },
    { ...world, retry: { attempts: 1 } },
  );
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "failed");
  await manager.retry(id, { from: "start" });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  await manager.waitUntil(id, "rolled_back");
  assert.deepEqual(world.undone, ["run 2", "run 1"]);
  await manager.retry(id);
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  await manager.waitUntil(id, "rolled_back");
  assert.deepEqual(world.undone, ["run 2", "run 1", "run 3"], "what was undone is not undone again");
});

test("a cancel at any moment leaves nothing of the job", async (t) => {
  const world = createWorld();
  const [made, go] = [createGate(), createGate()];
  const { manager } = await managerFor(t, { jobs: [type(maker(world, 700, { made, go }), world)] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await waitFor(async () => world.things.size > 300, { what: "some things" });
  await manager.cancel(id);
  go.open();
  assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
  assert.equal(world.things.size, 0);
  assert.deepEqual(
    world.undone,
    world.undone.toSorted((a, b) => Number(b) - Number(a)),
  );
});

test("a job without undo keeps its journal to itself, and journalling in a rollback is refused", async (t) => {
  const job = type((job) => job.journal("x"), {
    retry: { attempts: 1 },
    rollback: (job) => job.journal("y"),
  });
  const { manager } = await managerFor(t, { jobs: [job] });
  const { id } = await manager.submit({ type: "type", input: {} });
  await manager.waitUntil(id, "succeeded");
  await manager.rollback(id);
  const failed = await manager.waitUntil(id, "final");
  assert.deepEqual([failed.state, failed.error?.code], ["rollback_failed", "journal_in_rollback"]);
});

test("entries that cannot be kept are refused, and none of their call is written", async (t) => {
  const cases = [
    { entries: ["good", 10n], code: "journal_not_json" },
    { entries: ["good", "x".repeat(70_000)], code: "journal_too_large" },
    { entries: Array(100).fill("x".repeat(60_000)), code: "journal_too_large" },
  ];
  for (const { entries, code } of cases) {
    const { manager, store } = await managerFor(t, {
      jobs: [type((job) => job.journal(entries as Json), { undo: async () => {} })],
    });
    const { id } = await manager.submit({ type: "type", input: {} });
    const job = await manager.waitUntil(id, "final");
    assert.deepEqual([job.state, job.error?.code], ["failed", code]);
    assert.equal(await store.journal.size(id), 0);
  }
});
