// Submits that count as one: once, throttle and debounce.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { type DedupeRequest, defineJob, type SubmitRequest } from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { createGate, elapse, managerFor, numbers } from "./support.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const WINDOW_MS = 60_000;
const index = defineJob({
  type: "index",
  input: z.object({ version: z.number() }),
  run: async (job) => job.input.version,
});
const other = defineJob({ type: "other", input: z.object({ version: z.number() }), run: async () => "other" });

const submitOf = (mode: DedupeRequest["mode"], version: number, key = "page 7"): SubmitRequest => ({
  type: "index",
  input: { version },
  dedupe: { key, windowMs: WINDOW_MS, mode },
});

test("once: further submits of the window answer the first one's job, when it has ended too", async (t) => {
  const clock = createFakeClock(START);
  const pawl = await managerFor(t, { jobs: [index, other], clock });
  const first = await pawl.manager.submitOnce(submitOf("once", 1));
  assert.equal(first.outcome, "created");
  await pawl.manager.waitUntil(first.job.id, "succeeded");
  await pawl.crash();
  clock.advance(WINDOW_MS - 1);
  const second = await pawl.manager.submitOnce(submitOf("once", 2));
  assert.deepEqual([second.outcome, second.job.id, second.job.input], ["existing", first.job.id, { version: 1 }]);
  assert.equal((await pawl.manager.submitOnce(submitOf("once", 2, "page 8"))).outcome, "created");
  assert.equal((await pawl.manager.submitOnce({ ...submitOf("once", 2), type: "other" })).outcome, "created");
  clock.advance(1);
  assert.equal((await pawl.manager.submitOnce(submitOf("once", 3))).outcome, "created");
});

test("once: a hundred submits at the same time make one job, and plain submits among them are not touched", async (t) => {
  const { manager } = await managerFor(t, { jobs: [index] });
  const answers = await Promise.all([
    ...numbers(100).map((version) => manager.submitOnce(submitOf("once", version))),
    ...numbers(100).map((version) => manager.submitOnce({ type: "index", input: { version } })),
  ]);
  assert.equal(new Set(answers.slice(0, 100).map(({ job }) => job.id)).size, 1);
  assert.equal(new Set(answers.map(({ job }) => job.id)).size, 101);
});

test("debounce: the job runs when the window has passed without a further submit, with the last input", async (t) => {
  const clock = createFakeClock(START);
  const pawl = await managerFor(t, { jobs: [index], clock });
  const first = await pawl.manager.submitOnce(submitOf("debounce", 1));
  assert.equal(first.job.availableAt, new Date(START + WINDOW_MS).toISOString());
  clock.advance(40_000);
  const second = await pawl.manager.submitOnce({ ...submitOf("debounce", 2), priority: 4, labels: { by: "hook" } });
  assert.deepEqual([second.outcome, second.job.id], ["existing", first.job.id]);
  assert.deepEqual([second.job.input, second.job.priority, second.job.labels], [{ version: 2 }, 4, { by: "hook" }]);
  assert.equal((await pawl.manager.history(first.job.id)).at(-1)?.kind, "edit");
  assert.equal(second.job.availableAt, new Date(START + 40_000 + WINDOW_MS).toISOString());
  await pawl.crash();
  await elapse(clock, pawl, 40_000);
  assert.equal((await pawl.manager.get(first.job.id))?.state, "queued");
  await elapse(clock, pawl, 20_000);
  assert.equal((await pawl.manager.waitUntil(first.job.id, "final")).output, 2);
  assert.equal((await pawl.manager.submitOnce(submitOf("debounce", 3))).outcome, "created");
});

test("debounce: a job that was started is not changed any more", async (t) => {
  const [started, go] = [createGate(), createGate()];
  const slow = defineJob({
    type: "index",
    input: z.object({ version: z.number() }),
    async run(job) {
      started.open();
      await go.passed;
      return job.input.version;
    },
  });
  const clock = createFakeClock(START);
  const { manager } = await managerFor(t, { jobs: [slow], clock });
  const { job } = await manager.submitOnce(submitOf("debounce", 1));
  clock.advance(WINDOW_MS);
  await started.passed;
  const next = await manager.submitOnce(submitOf("debounce", 2));
  assert.equal(next.outcome, "created");
  go.open();
  assert.equal((await manager.waitUntil(job.id, "final")).output, 1);
});

test("throttle: the first runs at once, the others of the window become one job at its end, with the last input", async (t) => {
  const clock = createFakeClock(START);
  const { manager } = await managerFor(t, { jobs: [index], clock });
  const first = await manager.submitOnce(submitOf("throttle", 1));
  assert.equal((await manager.waitUntil(first.job.id, "final")).output, 1);
  clock.advance(10_000);
  const second = await manager.submitOnce(submitOf("throttle", 2));
  assert.equal(second.outcome, "created");
  assert.equal(second.job.availableAt, new Date(START + WINDOW_MS).toISOString());
  const third = await manager.submitOnce(submitOf("throttle", 3));
  assert.deepEqual([third.outcome, third.job.id, third.job.input], ["existing", second.job.id, { version: 3 }]);
  clock.advance(50_000);
  assert.equal((await manager.waitUntil(second.job.id, "final")).output, 3);
  // That job opened the next window.
  const fourth = await manager.submitOnce(submitOf("throttle", 4));
  assert.equal(fourth.job.availableAt, new Date(START + 2 * WINDOW_MS).toISOString());
});

test("a cancelled job ends its window", async (t) => {
  const clock = createFakeClock(START);
  const { manager } = await managerFor(t, { jobs: [index], clock });
  const { job } = await manager.submitOnce(submitOf("debounce", 1));
  await manager.cancel(job.id, { reason: "not wanted" });
  const next = await manager.submitOnce(submitOf("debounce", 2));
  assert.equal(next.outcome, "created");
  clock.advance(WINDOW_MS);
  assert.equal((await manager.waitUntil(next.job.id, "final")).output, 2);
});

test("a submit whose job was deleted meanwhile says so", async (t) => {
  const { manager } = await managerFor(t, { jobs: [index] });
  const { job } = await manager.submitOnce(submitOf("once", 1));
  await manager.waitUntil(job.id, "succeeded");
  await manager.remove(job.id);
  const again = manager.submitOnce(submitOf("once", 2));
  await assert.rejects(again, { code: "job_not_found", message: /stands for this submit, and was deleted meanwhile/ });
});

test("what cannot be a deduplication is refused", async (t) => {
  const { manager } = await managerFor(t, { jobs: [index] });
  const wrong: readonly Partial<SubmitRequest>[] = [
    { dedupe: { key: "", windowMs: 1, mode: "once" } },
    { dedupe: { key: "k", windowMs: 0, mode: "once" } },
    { dedupe: { key: "k", windowMs: 1.5, mode: "once" } },
    { dedupe: { key: "k", windowMs: 1, mode: "twice" as "once" } },
    { dedupe: { key: "k", windowMs: 1, mode: "debounce" }, availableAt: "2099-01-01T00:00:00Z" },
  ];
  for (const part of wrong) {
    const submitting = manager.submit({ type: "index", input: { version: 1 }, ...part });
    await assert.rejects(submitting, { code: "invalid_request" }, JSON.stringify(part));
  }
  assert.deepEqual((await manager.list()).items, []);
});
