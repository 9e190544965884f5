// The same request to many jobs.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { type BulkRequest, defineJob } from "../../src/index.ts";
import { createGate, managerFor, numbers } from "./support.ts";

const FAR = "2099-01-01T00:00:00Z";
const idle = defineJob({ type: "idle", input: z.object({}), run: async () => "done" });

test("a bulk action asks every job that matches, however many pages they fill, and no other", async (t) => {
  const { manager } = await managerFor(t, { jobs: [idle] });
  const request = { type: "idle", input: {}, availableAt: FAR };
  for (const _batch of numbers(3)) {
    await manager.submitAll(numbers(800).map(() => ({ ...request, labels: { batch: "wrong" } })));
  }
  await manager.submitAll(numbers(50).map(() => ({ ...request, labels: { batch: "right" } })));
  const answer = await manager.bulk(
    { action: "cancel", filter: { label: "batch:wrong" }, reason: "wrong file" },
    { actor: "dana" },
  );
  assert.deepEqual(answer, { matched: 2_400, requested: 2_400, refused: 0 });
  const { states } = await manager.stats();
  assert.deepEqual([states.cancelled, states.queued], [2_400, 50]);
  const [job] = (await manager.list({ label: "batch:wrong", limit: 1 })).items;
  assert.deepEqual([job?.control?.actor, job?.control?.reason], ["dana", "wrong file"]);
});

test("a dry run counts the same and changes nothing", async (t) => {
  const { manager } = await managerFor(t, { jobs: [idle] });
  const jobs = await manager.submitAll(numbers(6).map(() => ({ type: "idle", input: {}, availableAt: FAR })));
  for (const { id } of jobs.slice(0, 2)) await manager.cancel(id);
  const request: BulkRequest = { action: "cancel", filter: { type: ["idle"] } };
  const counts = { matched: 6, requested: 4, refused: 2 };
  assert.deepEqual(await manager.bulk({ ...request, dryRun: true }), counts);
  assert.equal((await manager.stats()).states.queued, 4);
  assert.deepEqual(await manager.bulk(request), counts);
  assert.equal((await manager.stats()).states.cancelled, 6);
});

test("jobs that do not take the action get no entry in their history", async (t) => {
  const { manager } = await managerFor(t, { jobs: [idle] });
  const { id } = await manager.submit({ type: "idle", input: {} });
  await manager.waitUntil(id, "succeeded");
  const before = await manager.history(id);
  assert.deepEqual(await manager.bulk({ action: "pause", filter: { q: id } }), {
    matched: 1,
    requested: 0,
    refused: 1,
  });
  assert.deepEqual(await manager.history(id), before);
});

test("jobs that are submitted while a bulk action runs are not meant", async (t) => {
  const { manager } = await managerFor(t, { jobs: [idle] });
  const request = { type: "idle", input: {}, availableAt: FAR };
  await manager.submitAll(numbers(1_000).map(() => request));
  await manager.submitAll(numbers(1_000).map(() => request));
  const underWay = createGate();
  t.after(manager.subscribe((notice) => notice.kind === "changed" && underWay.open()));
  const acting = manager.bulk({ action: "pause", filter: { type: ["idle"] } });
  await underWay.passed;
  const later = await manager.submit(request);
  const answer = await acting;
  assert.equal(answer.matched, 2_000);
  assert.equal((await manager.get(later.id))?.state, "queued");
});

test("jobs that run are paused at their checkpoints, survive a crash paused, and go on together", async (t) => {
  const count = defineJob({
    type: "count",
    input: z.object({ go: z.boolean() }),
    async run(job) {
      for await (const number of job.iterate(numbers(5), { every: 1 })) {
        if (number === 3 && !allGo) await job.wait(60_000);
      }
      return job.progress.done;
    },
  });
  let allGo = false;
  const pawl = await managerFor(t, { jobs: [count] });
  const jobs = await pawl.manager.submitAll(numbers(20).map(() => ({ type: "count", input: { go: false } })));
  for (const { id } of jobs) await pawl.manager.waitUntil(id, "running");
  const paused = await pawl.manager.bulk({ action: "pause", filter: { state: ["running"] } });
  assert.deepEqual(paused, { matched: 20, requested: 20, refused: 0 });
  for (const { id } of jobs) await pawl.manager.waitUntil(id, "paused");
  await pawl.crash();
  allGo = true;
  assert.equal((await pawl.manager.bulk({ action: "resume", filter: { state: ["paused"] } })).requested, 20);
  for (const { id } of jobs) assert.equal((await pawl.manager.waitUntil(id, "final")).output, 5);
});

test("a filter that names nothing, or is empty where it counts, is refused before anything is asked", async (t) => {
  const { manager } = await managerFor(t, { jobs: [idle] });
  await manager.submit({ type: "idle", input: {}, availableAt: FAR });
  const refused: readonly BulkRequest["filter"][] = [
    {},
    { key: undefined },
    { state: [] },
    { type: ["idle"], queue: [] },
  ];
  for (const filter of refused) {
    await assert.rejects(
      manager.bulk({ action: "terminate", filter }),
      { code: "invalid_request", message: /filter/ },
      JSON.stringify(filter),
    );
  }
  const unknown = { action: "delete", filter: { type: ["idle"] } } as unknown as BulkRequest;
  await assert.rejects(manager.bulk(unknown), { code: "invalid_request", message: /"delete" is no action/ });
  assert.equal((await manager.stats()).states.queued, 1);
});

test("a rollback of many undoes each of them", async (t) => {
  const undone = new Set<string>();
  const gate = createGate();
  const doing = defineJob({
    type: "doing",
    input: z.object({}),
    run: async () => "done",
    async rollback(job) {
      await gate.passed;
      undone.add(job.id);
    },
  });
  const { manager } = await managerFor(t, { jobs: [doing] });
  const jobs = await manager.submitAll(numbers(5).map(() => ({ type: "doing", input: {} })));
  for (const { id } of jobs) await manager.waitUntil(id, "succeeded");
  const answer = await manager.bulk({ action: "rollback", filter: { type: ["doing"], state: ["succeeded"] } });
  assert.equal(answer.requested, 5);
  gate.open();
  for (const { id } of jobs) await manager.waitUntil(id, "rolled_back");
  assert.deepEqual([...undone].sort(), jobs.map(({ id }) => id).sort());
});
