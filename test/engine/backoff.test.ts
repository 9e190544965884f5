// When a failed job is tried again: as its type says, and where that says nothing usable, by default.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import {
  type BackoffFunction,
  type BackoffPolicy,
  createManager,
  defineJob,
  type FailedAttempt,
  PermanentError,
} from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { managerFor } from "./support.ts";

const empty = z.object({});

/** The job after its first attempt has failed, and how long it waits. */
async function failedOnce(t: TestContext, backoff: BackoffFunction | BackoffPolicy | "exponential" | "fixed") {
  const clock = createFakeClock(0);
  const job = defineJob({
    type: "type",
    input: empty,
    retry: { attempts: 2, backoff },
    run: () => Promise.reject(new PermanentError("the bank is closed", { code: "closed" })),
    rollback: () => Promise.reject(new Error("the vault is closed")),
    onFailure: "rollback",
  });
  const { manager } = await managerFor(t, { jobs: [job], clock, random: () => 0.5 });
  const { id } = await manager.submit({ type: "type", input: {} });
  const waiting = await waitFor(
    async () => {
      const job = await manager.get(id);
      return job?.phase === "rollback" && job.attempt === 2 && job;
    },
    { what: "the first failure of the rollback" },
  );
  return { waitMs: Date.parse(waiting.availableAt), logs: await manager.logs(id) };
}

test("an author's backoff is told what failed, and its answer is the wait", async (t) => {
  const told: FailedAttempt[] = [];
  const { waitMs, logs } = await failedOnce(t, (failure) => {
    told.push(failure);
    return 86_400_000;
  });
  assert.equal(waitMs, 86_400_000);
  assert.deepEqual(told, [{ attempt: 1, code: "error", message: "the vault is closed" }]);
  assert.deepEqual(logs, []);
});

test("a backoff that answers nothing usable is replaced by the default, and the job's log says so", async (t) => {
  const wrong: Record<string, BackoffFunction> = {
    "answered NaN": () => Number.NaN,
    "answered -5": () => -5,
    "answered Infinity": () => Number.POSITIVE_INFINITY,
    "answered a string": () => "soon" as unknown as number,
    "answered a object": () => Promise.reject(new Error("asynchronous")) as unknown as number,
    "threw no idea": () => {
      throw new Error("no idea");
    },
  };
  for (const [problem, backoff] of Object.entries(wrong)) {
    const { waitMs, logs } = await failedOnce(t, backoff);
    assert.equal(waitMs, 750, "exponential from 1 s, with jitter");
    assert.deepEqual(
      logs.map((line) => line.level),
      ["warn"],
    );
    assert.ok(logs[0]?.message.includes(problem), logs[0]?.message);
  }
});

test("a policy of its own, and the two that have names", async (t) => {
  assert.equal((await failedOnce(t, { kind: "exponential", baseMs: 400, maxMs: 60_000 })).waitMs, 300);
  assert.equal((await failedOnce(t, { kind: "fixed", baseMs: 400, maxMs: 60_000 })).waitMs, 400);
  assert.equal((await failedOnce(t, "fixed")).waitMs, 1_000);
  assert.equal((await failedOnce(t, "exponential")).waitMs, 750);
});

test("a malformed option of a job type is refused when it is registered, and the message names it", async (t) => {
  const { store } = await managerFor(t, { jobs: [] });
  const refusals = [
    [{ retry: { attempts: 0 } }, /retry\.attempts to 0/],
    [{ retry: { backoff: { kind: "linear", baseMs: 1, maxMs: 2 } } }, /backoff that is not valid/],
    [{ retry: { backoff: { kind: "fixed", baseMs: 5, maxMs: 2 } } }, /baseMs <= maxMs/],
    [{ retry: { backoff: { kind: "fixed", baseMs: Number.NaN, maxMs: 2 } } }, /backoff that is not valid/],
    [{ timeoutMs: 1.5 }, /timeoutMs to 1\.5/],
    [{ timeoutMs: 0 }, /timeoutMs to 0/],
    [{ cancelGraceMs: -1 }, /cancelGraceMs to -1/],
    [{ stall: { afterMs: 10 } }, /stall\.afterMs to 10/],
    [{ stall: { afterMs: 10_000, policy: "panic" } }, /stall\.policy/],
    [{ concurrency: { total: 0 } }, /concurrency\.total to 0/],
    [{ concurrency: { perKey: { key: () => null, limit: -1 } } }, /concurrency\.perKey\.limit to -1/],
    [{ secret: ["auth..token"] }, /secret field "auth\.\.token"/],
    [{ secret: ["tokn"] }, /secret field "tokn", and its input has no such field/],
  ] as const;
  for (const [options, says] of refusals) {
    const job = { type: "type", input: z.object({ token: z.string() }), run: async () => {}, ...options };
    const create = () => createManager({ store, fileStore: {} as never, jobs: [job as never] });
    assert.throws(create, (error: Error) => says.test(error.message) && error.message.includes('"type"'));
  }
});
