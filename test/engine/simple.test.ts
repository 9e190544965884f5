import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "../support/wait-for.ts";
import { type ShippedJobs, startShippedJobs } from "./shipped-jobs.ts";
import { numbers } from "./support.ts";

const A_DAY_MS = 86_400_000;

/** Waits until so many steps are done. */
const steps = ({ pawl }: ShippedJobs, id: string, count: number) =>
  waitFor(async () => ((await pawl.manager.get(id))?.progress.done ?? 0) >= count, { what: `step ${count}` });

const messages = async ({ pawl }: ShippedJobs, id: string) =>
  (await pawl.manager.logs(id, { limit: 1_000 })).map((line) => line.message);

const undone = (...done: readonly number[]) => done.map((step) => `Step ${step} is undone.`);

test("it counts its steps, ten by default", async (t) => {
  const { run } = await startShippedJobs(t);
  const job = await run("simple", { stepMs: 1 });
  assert.deepEqual([job.state, job.output], ["succeeded", { steps: 10 }]);
  const { done, total, unit } = job.progress;
  assert.deepEqual({ done, total, unit }, { done: 10, total: 10, unit: "steps" });
});

test("a pause takes effect in the middle of a wait, and a resume goes on with the next step", async (t) => {
  const jobs = await startShippedJobs(t);
  const { manager } = jobs.pawl;
  const { id } = await jobs.submit("simple", { steps: 3, stepMs: A_DAY_MS });
  for (const done of [1, 2]) {
    await steps(jobs, id, done);
    await manager.pause(id);
    assert.equal((await manager.waitUntil(id, "paused")).progress.done, done);
    await manager.resume(id);
  }
  assert.deepEqual((await manager.waitUntil(id, "final")).output, { steps: 3 });
});

test("a cancel undoes the steps that were done, the newest first", async (t) => {
  const jobs = await startShippedJobs(t);
  const { manager } = jobs.pawl;
  const { id } = await jobs.submit("simple", { steps: 9, stepMs: A_DAY_MS });
  await steps(jobs, id, 1);
  await manager.pause(id);
  await manager.waitUntil(id, "paused");
  await manager.resume(id);
  await steps(jobs, id, 2);
  await manager.cancel(id);
  assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
  assert.deepEqual(await messages(jobs, id), undone(2, 1));
});

test("a job that has succeeded is undone on request, and can be run anew", async (t) => {
  const jobs = await startShippedJobs(t);
  const { manager } = jobs.pawl;
  const { id } = await jobs.run("simple", { steps: 4, stepMs: 0 });
  await manager.rollback(id);
  assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
  assert.deepEqual(await messages(jobs, id), undone(4, 3, 2, 1));
  await manager.retry(id);
  assert.deepEqual((await manager.waitUntil(id, "final")).output, { steps: 4 });
});

test("after a crash it goes on at the next step, and no step is left when it is undone", async (t) => {
  const jobs = await startShippedJobs(t);
  const { id } = await jobs.submit("simple", { steps: 60, stepMs: 5 });
  for (const done of [5, 20]) {
    await steps(jobs, id, done);
    await jobs.pawl.crash();
    assert.ok(((await jobs.pawl.manager.get(id))?.progress.done ?? 0) >= done);
  }
  const { manager } = jobs.pawl;
  assert.deepEqual((await manager.waitUntil(id, "final")).output, { steps: 60 });
  await manager.rollback(id);
  assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
  const told = (await messages(jobs, id)).filter((message) => message.startsWith("Step"));
  assert.deepEqual([...new Set(told)], undone(...numbers(60).map((n) => 60 - n)));
  // A step that was under way at a crash is in the journal twice: once for each crash at most.
  assert.ok(told.length <= 62, `${told.length} entries`);
});

test("an input that is no count is refused before a job exists", async (t) => {
  const { submit } = await startShippedJobs(t);
  const refused: readonly object[] = [
    { steps: 0 },
    { steps: -1 },
    { steps: 1.5 },
    { steps: 1_000_001 },
    { steps: "10" },
    { steps: null },
    { steps: [10] },
    { stepMs: -1 },
    { stepMs: 86_400_001 },
    { stepMs: "fast" },
    { step: 1 },
  ];
  for (const input of refused)
    await assert.rejects(submit("simple", input), { code: "invalid_input" }, JSON.stringify(input));
});
