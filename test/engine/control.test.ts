// What a caller can do with jobs, through the public API alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineJob, PawlError, PermanentError } from "../../src/index.ts";
import { createGate, managerFor, numbers } from "./support.ts";

const empty = z.object({});

/** Counts to `to`, a step a checkpoint; remembers every number that it saw. */
function counter(seen: number[], stopAt?: { at: number; reached: () => void; go: Promise<void> }) {
  return defineJob({
    type: "count",
    input: z.object({ to: z.number() }),
    async run(job) {
      for await (const number of job.iterate(numbers(job.input.to))) {
        seen.push(number);
        if (number !== stopAt?.at) continue;
        stopAt.reached();
        await stopAt.go;
      }
      return { counted: job.progress.done };
    },
    async rollback(job) {
      await job.checkpoint();
      seen.length = 0;
    },
  });
}

test("a job runs and its output is what the handler returned", async (t) => {
  const seen: number[] = [];
  const { manager } = await managerFor(t, { jobs: [counter(seen)] });
  const submitted = await manager.submit({ type: "count", input: { to: 3 }, labels: { team: "a" } });
  assert.equal(submitted.state, "queued");
  const job = await manager.waitUntil(submitted.id, "final");
  assert.equal(job.state, "succeeded");
  assert.deepEqual(job.output, { counted: 3 });
  assert.deepEqual(seen, [0, 1, 2]);
  assert.deepEqual(job.labels, { team: "a" });
  assert.equal(job.progress.done, 3);
  assert.equal(job.progress.total, 3);
});

test("a paused job resumes at the next item", async (t) => {
  const seen: number[] = [];
  const [reached, go] = [createGate(), createGate()];
  const { manager } = await managerFor(t, { jobs: [counter(seen, { at: 4, reached: reached.open, go: go.passed })] });
  const { id } = await manager.submit({ type: "count", input: { to: 10 } });
  await reached.passed;
  const answer = await manager.pause(id, { actor: "dana", reason: "looks wrong" });
  assert.equal(answer.outcome, "requested");
  assert.equal(answer.job.state, "pausing");
  go.open();
  const paused = await manager.waitUntil(id, "paused");
  assert.deepEqual(seen, [0, 1, 2, 3, 4]);
  assert.equal(paused.progress.done, 5);
  assert.equal(paused.worker, null);
  assert.equal(paused.control?.actor, "dana");
  assert.notEqual(paused.control?.reachedAt, null);
  assert.equal((await manager.pause(id)).outcome, "already");
  await manager.resume(id);
  const done = await manager.waitUntil(id, "final");
  assert.equal(done.state, "succeeded");
  assert.deepEqual(seen, numbers(10));
  assert.equal(done.attempt, 1);
});

test("a cancelled job is rolled back where its type can, and the history tells who asked", async (t) => {
  const seen: number[] = [];
  const [reached, go] = [createGate(), createGate()];
  const { manager } = await managerFor(t, { jobs: [counter(seen, { at: 2, reached: reached.open, go: go.passed })] });
  const { id } = await manager.submit({ type: "count", input: { to: 10 } });
  await reached.passed;
  await manager.cancel(id, { actor: "dana", reason: "swapped columns" });
  go.open();
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "rolled_back");
  assert.deepEqual(seen, []);
  const history = await manager.history(id);
  assert.deepEqual(
    history.map((entry) => entry.kind),
    ["submit", "claim", "cancel", "halt", "claim", "succeed"],
  );
  assert.deepEqual(
    history.map((entry) => entry.seq),
    [1, 2, 3, 4, 5, 6],
  );
  const cancel = history.find((entry) => entry.kind === "cancel");
  assert.equal(cancel?.actor, "dana");
  assert.equal(cancel?.reason, "swapped columns");
});

test("a cancel without rollback keeps what was done", async (t) => {
  const seen: number[] = [];
  const [reached, go] = [createGate(), createGate()];
  const { manager } = await managerFor(t, { jobs: [counter(seen, { at: 2, reached: reached.open, go: go.passed })] });
  const { id } = await manager.submit({ type: "count", input: { to: 10 } });
  await reached.passed;
  await manager.cancel(id, { rollback: false });
  go.open();
  assert.equal((await manager.waitUntil(id, "final")).state, "cancelled");
  assert.deepEqual(seen, [0, 1, 2]);
  await manager.retry(id);
  assert.equal((await manager.waitUntil(id, "final")).state, "succeeded");
  assert.deepEqual(seen, numbers(10), "the retry went on at the checkpoint");
  await manager.rollback(id);
  assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
  assert.deepEqual(seen, []);
});

test("a withdrawn pause leaves the job running to its end", async (t) => {
  const seen: number[] = [];
  const [reached, go] = [createGate(), createGate()];
  const { manager } = await managerFor(t, { jobs: [counter(seen, { at: 1, reached: reached.open, go: go.passed })] });
  const { id } = await manager.submit({ type: "count", input: { to: 5 } });
  await reached.passed;
  await manager.pause(id);
  assert.equal((await manager.resume(id)).job.state, "running");
  go.open();
  assert.equal((await manager.waitUntil(id, "final")).state, "succeeded");
  assert.deepEqual(seen, numbers(5));
});

test("a failing job is tried again and keeps its place", async (t) => {
  const seen: number[] = [];
  let failures = 0;
  const flaky = defineJob({
    type: "flaky",
    input: empty,
    retry: { attempts: 3, backoff: { kind: "fixed", baseMs: 1, maxMs: 1 } },
    async run(job) {
      for await (const number of job.iterate(numbers(4))) {
        if (number === 2 && failures < 2) {
          failures += 1;
          throw new Error("the line is down");
        }
        seen.push(number);
      }
    },
  });
  const { manager } = await managerFor(t, { jobs: [flaky] });
  const { id } = await manager.submit({ type: "flaky", input: {} });
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded");
  assert.equal(job.attempt, 3);
  assert.deepEqual(seen, [0, 1, 2, 3]);
});

test("a job fails when its attempts are used up, and at once on a permanent error", async (t) => {
  const backoff = { kind: "fixed", baseMs: 1, maxMs: 1 } as const;
  const always = defineJob({
    type: "always",
    input: z.object({ permanent: z.boolean() }),
    retry: { attempts: 2, backoff },
    async run(job) {
      if (job.input.permanent)
        throw new PermanentError("no such account", { code: "no_account", details: { account: 7 } });
      throw new Error("down");
    },
  });
  const { manager } = await managerFor(t, { jobs: [always] });
  const passing = await manager.submit({ type: "always", input: { permanent: false } });
  const failed = await manager.waitUntil(passing.id, "final");
  assert.equal(failed.state, "failed");
  assert.equal(failed.attempt, 2);
  assert.equal(failed.error?.code, "error");
  assert.equal(failed.error?.message, "down");
  const permanent = await manager.submit({ type: "always", input: { permanent: true } });
  const refused = await manager.waitUntil(permanent.id, "final");
  assert.equal(refused.attempt, 1);
  assert.equal(refused.error?.code, "no_account");
  assert.deepEqual(refused.error?.details, { account: 7 });
});

test("a type that undoes on failure ends rolled back", async (t) => {
  let undone = false;
  const careful = defineJob({
    type: "careful",
    input: empty,
    onFailure: "rollback",
    async run() {
      throw new PermanentError("row 7 is broken");
    },
    async rollback() {
      undone = true;
    },
  });
  const { manager } = await managerFor(t, { jobs: [careful] });
  const { id } = await manager.submit({ type: "careful", input: {} });
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "rolled_back");
  assert.equal(job.error?.message, "row 7 is broken");
  assert.ok(undone);
});

test("two unfinished jobs cannot share a key or an exclusive group, and the refusal names the holder", async (t) => {
  const go = createGate();
  const held = defineJob({
    type: "held",
    input: z.object({ list: z.string() }),
    exclusive: (input) => `list:${input.list}`,
    run: () => go.passed,
  });
  const { manager } = await managerFor(t, { jobs: [held] });
  const first = await manager.submit({ type: "held", input: { list: "a" }, key: "k" });
  await assert.rejects(manager.submit({ type: "held", input: { list: "b" }, key: "k" }), (error: PawlError) => {
    assert.equal(error.code, "key_taken");
    assert.equal(error.extras.holder, first.id);
    return true;
  });
  await assert.rejects(manager.submit({ type: "held", input: { list: "a" } }), (error: PawlError) => {
    assert.equal(error.code, "exclusive_group_taken");
    assert.equal(error.extras.holder, first.id);
    return true;
  });
  go.open();
  await manager.waitUntil(first.id, "succeeded");
  const again = await manager.submit({ type: "held", input: { list: "a" }, key: "k" });
  await manager.waitUntil(again.id, "succeeded");
});

test("bad requests are refused with what is wrong, and nothing is stored", async (t) => {
  const { manager } = await managerFor(t, { jobs: [counter([])], queueLimit: 1, concurrency: 1 });
  const code = (expected: string) => (error: PawlError) => {
    assert.ok(error instanceof PawlError);
    assert.equal(error.code, expected);
    return true;
  };
  await assert.rejects(manager.submit({ type: "nothing", input: {} }), code("unknown_job_type"));
  await assert.rejects(manager.submit({ type: "count", input: { to: "ten" } }), code("invalid_input"));
  await assert.rejects(manager.submit({ type: "count", input: { to: Number.NaN } }), code("invalid_input"));
  await assert.rejects(manager.pause("0190b6f2-0000-7000-8000-000000000000"), code("job_not_found"));
  assert.deepEqual((await manager.list()).items, []);
});

test("a full queue refuses and stores nothing", async (t) => {
  const { manager } = await managerFor(t, { jobs: [counter([])], queueLimit: 2 });
  const later = "2099-01-01T00:00:00Z";
  await manager.submit({ type: "count", input: { to: 1 }, availableAt: later });
  await manager.submit({ type: "count", input: { to: 1 }, availableAt: later });
  await assert.rejects(manager.submit({ type: "count", input: { to: 1 } }), { code: "queue_full" });
  const { items } = await manager.list();
  assert.equal(items.length, 2);
  await manager.cancel(items[0]?.id ?? "");
  await manager.submit({ type: "count", input: { to: 1 }, availableAt: later });
});

test("a replayed request repeats its answer and does nothing", async (t) => {
  const { manager } = await managerFor(t, { jobs: [counter([])] });
  const { id } = await manager.submit({ type: "count", input: { to: 1 }, availableAt: "2099-01-01T00:00:00Z" });
  assert.equal((await manager.pause(id, { requestId: "r1" })).outcome, "requested");
  await manager.resume(id);
  const replay = await manager.pause(id, { requestId: "r1" });
  assert.equal(replay.outcome, "requested");
  assert.equal(replay.job.state, "queued");
});

test("a final job can be removed, an unfinished one cannot", async (t) => {
  const { manager } = await managerFor(t, { jobs: [counter([])] });
  const waiting = await manager.submit({ type: "count", input: { to: 1 }, availableAt: "2099-01-01T00:00:00Z" });
  await assert.rejects(manager.remove(waiting.id), { code: "action_not_allowed" });
  await manager.cancel(waiting.id);
  await manager.remove(waiting.id);
  assert.equal(await manager.get(waiting.id), null);
  await assert.rejects(manager.history(waiting.id), { code: "job_not_found" });
});

test("a job that ignores its signal is shown as abandoned, and is final only when its code has returned", async (t) => {
  const [entered, go] = [createGate(), createGate()];
  const deaf = defineJob({
    type: "deaf",
    input: empty,
    cancelGraceMs: 1,
    async run() {
      entered.open();
      await go.passed;
    },
  });
  const { manager, store } = await managerFor(t, { jobs: [deaf] });
  const { id } = await manager.submit({ type: "deaf", input: {} });
  await entered.passed;
  const abandoned = new Promise<void>((resolve) => {
    const stop = store.notifier.subscribe(async () => {
      if ((await manager.get(id))?.abandoned) {
        stop();
        resolve();
      }
    });
  });
  await manager.cancel(id);
  await abandoned;
  assert.equal((await manager.get(id))?.state, "cancelling");
  go.open();
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.abandoned, false);
});
