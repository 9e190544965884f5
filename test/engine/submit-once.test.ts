// Submits that may be repeated, and submits of many jobs, all or none.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineJob, type PawlError, type SubmitRequest } from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { managerFor, numbers } from "./support.ts";

const FAR = "2099-01-01T00:00:00Z";
const greet = defineJob({
  type: "greet",
  input: z.strictObject({ name: z.string(), loud: z.boolean().optional() }),
  run: async (job) => `Hello ${job.input.name}`,
});
const request: SubmitRequest = { type: "greet", input: { name: "Ada", loud: true }, availableAt: FAR };

test("the same key and request answer the same job, whatever the order of the fields, after a crash too", async (t) => {
  const pawl = await managerFor(t, { jobs: [greet] });
  const first = await pawl.manager.submitOnce(request, { idempotencyKey: "order-7" });
  assert.equal(first.outcome, "created");
  await pawl.crash();
  const reordered = { availableAt: FAR, input: { loud: true, name: "Ada" }, type: "greet" };
  const again = await pawl.manager.submitOnce(reordered, { idempotencyKey: "order-7" });
  assert.deepEqual([again.outcome, again.job.id], ["existing", first.job.id]);
  assert.equal((await pawl.manager.submit(request, { idempotencyKey: "order-7" })).id, first.job.id);
  assert.equal((await pawl.manager.list()).items.length, 1);
});

test("the same key answers its job as it is now, when it has ended too", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const now = { type: "greet", input: { name: "Ada" }, key: "ada" };
  const { job } = await manager.submitOnce(now, { idempotencyKey: "k" });
  await manager.waitUntil(job.id, "succeeded");
  const again = await manager.submitOnce(now, { idempotencyKey: "k" });
  assert.deepEqual([again.outcome, again.job.id, again.job.state], ["existing", job.id, "succeeded"]);
});

test("a hundred submits with one key at the same time make one job", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const answers = await Promise.all(numbers(100).map(() => manager.submitOnce(request, { idempotencyKey: "k" })));
  assert.equal(new Set(answers.map(({ job }) => job.id)).size, 1);
  assert.equal(answers.filter(({ outcome }) => outcome === "created").length, 1);
});

test("a key that was used for another request is refused, and belongs to its actor alone", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const { job } = await manager.submitOnce(request, { idempotencyKey: "k", actor: "ann" });
  const other = { ...request, input: { name: "Grace" } };
  await assert.rejects(manager.submitOnce(other, { idempotencyKey: "k", actor: "ann" }), {
    code: "idempotency_conflict",
  });
  const bobs = await manager.submitOnce(other, { idempotencyKey: "k", actor: "bob" });
  assert.equal(bobs.outcome, "created");
  assert.notEqual(bobs.job.id, job.id);
});

test("a digest of the caller's own decides what the same request is", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const { job } = await manager.submitOnce(request, { idempotencyKey: "k", digest: "request and files" });
  const other = { ...request, input: { name: "another upload" } };
  const again = await manager.submitOnce(other, { idempotencyKey: "k", digest: "request and files" });
  assert.equal(again.job.id, job.id);
  await assert.rejects(manager.submitOnce(request, { idempotencyKey: "k", digest: "other files" }), {
    code: "idempotency_conflict",
  });
});

test("a key is forgotten after 24 hours", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const { manager } = await managerFor(t, { jobs: [greet], clock });
  const { job } = await manager.submitOnce(request, { idempotencyKey: "k" });
  clock.advance(24 * 3_600_000 - 1);
  assert.equal((await manager.submitOnce(request, { idempotencyKey: "k" })).job.id, job.id);
  clock.advance(1);
  assert.equal((await manager.submitOnce(request, { idempotencyKey: "k" })).outcome, "created");
});

test("a key whose job was deleted says so instead of making another one", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const { job } = await manager.submitOnce(request, { idempotencyKey: "k" });
  await manager.cancel(job.id);
  await manager.remove(job.id);
  await assert.rejects(manager.submitOnce(request, { idempotencyKey: "k" }), {
    code: "job_not_found",
    message: new RegExp(`"k" stands for job ${job.id}, which was deleted meanwhile. Use a new key`),
  });
});

test("a refused submit keeps its key free", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const holder = await manager.submit({ ...request, key: "ada" });
  const once = () => manager.submitOnce({ ...request, key: "ada" }, { idempotencyKey: "k" });
  await assert.rejects(once(), { code: "key_taken", extras: { holder: holder.id } });
  await manager.cancel(holder.id);
  assert.equal((await once()).outcome, "created");
});

test("a key that is no key is refused, and so is one together with deduplication", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  for (const idempotencyKey of ["", "k".repeat(201)]) {
    await assert.rejects(manager.submitOnce(request, { idempotencyKey }), { code: "invalid_request" });
  }
  const both = { type: "greet", input: { name: "Ada" }, dedupe: { key: "a", windowMs: 1_000, mode: "once" as const } };
  await assert.rejects(manager.submitOnce(both, { idempotencyKey: "k" }), {
    code: "invalid_request",
    message: /not both/,
  });
});

test("many jobs are stored together, in order, with ids that grow", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const names = numbers(1_000).map((n) => `person ${n}`);
  const jobs = await manager.submitAll(names.map((name) => ({ ...request, input: { name } })));
  assert.deepEqual(
    jobs.map(({ input }) => input),
    names.map((name) => ({ name })),
  );
  const ids = jobs.map(({ id }) => id);
  assert.deepEqual(ids, [...ids].sort());
  const { items } = await manager.list({ order: "oldest", limit: 200 });
  assert.deepEqual(
    items.map(({ id }) => id),
    ids.slice(0, 200),
  );
});

test("one member that is not right keeps all out, and is named", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const holder = await manager.submit({ ...request, key: "held" });
  const batch = (member: SubmitRequest) => manager.submitAll([request, request, request, member, request]);
  const cases: readonly [SubmitRequest, string, string, string?][] = [
    [{ ...request, type: "great" }, "unknown_job_type", "/jobs/3"],
    [{ ...request, input: { name: 1 } }, "invalid_input", "/jobs/3/input/name"],
    [{ ...request, priority: 0.5 }, "invalid_request", "/jobs/3"],
    [{ ...request, key: "held" }, "key_taken", "/jobs/3", holder.id],
    [{ ...request, dedupe: { key: "a", windowMs: 1, mode: "once" } }, "invalid_request", "/jobs/3/dedupe"],
  ];
  for (const [member, code, pointer, taken] of cases) {
    await assert.rejects(batch(member), ({ code: actual, extras }: PawlError) => {
      assert.deepEqual([actual, extras.errors?.[0]?.pointer, extras.holder], [code, pointer, taken]);
      return true;
    });
  }
  assert.equal((await manager.list()).items.length, 1);
});

test("two members with the same key keep all out", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  const keyed = { ...request, key: "same" };
  await assert.rejects(manager.submitAll([keyed, keyed]), { code: "key_taken", message: /job 1 of the batch/ });
  assert.deepEqual((await manager.list()).items, []);
});

test("a queue that has no room for all of them takes none", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet], queueLimit: 5 });
  await manager.submitAll(numbers(3).map(() => request));
  await assert.rejects(manager.submitAll(numbers(3).map(() => request)), { code: "queue_full" });
  assert.equal((await manager.list()).items.length, 3);
  assert.equal((await manager.submitAll(numbers(2).map(() => request))).length, 2);
});

test("a batch can be repeated with a key, and answers the same jobs", async (t) => {
  const pawl = await managerFor(t, { jobs: [greet] });
  const batch = numbers(10).map((n) => ({ ...request, input: { name: `person ${n}` } }));
  const first = await pawl.manager.submitAll(batch, { idempotencyKey: "k" });
  await pawl.crash();
  const again = await pawl.manager.submitAll(batch, { idempotencyKey: "k" });
  assert.deepEqual(
    again.map(({ id }) => id),
    first.map(({ id }) => id),
  );
  await assert.rejects(pawl.manager.submitAll(batch.slice(1), { idempotencyKey: "k" }), {
    code: "idempotency_conflict",
  });
  assert.equal((await pawl.manager.list()).items.length, 10);
});

test("a batch holds 1 to 1,000 jobs", async (t) => {
  const { manager } = await managerFor(t, { jobs: [greet] });
  for (const count of [0, 1_001]) {
    await assert.rejects(manager.submitAll(numbers(count).map(() => request)), { code: "invalid_request" });
  }
  assert.deepEqual((await manager.list()).items, []);
});
