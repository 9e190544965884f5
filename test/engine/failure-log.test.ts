// What the program's own log is told of attempts that fail: where an error was thrown, which the job does not keep.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { defineJob, type JobContext, PermanentError, TryAgainLater } from "../../src/index.ts";
import { createGate, managerFor } from "./support.ts";

const TOKEN = "hunter22-hunter23";

interface Entry {
  readonly message: string;
  readonly fields: { readonly [name: string]: unknown };
}

/** A manager of one job type, and what its log is told. */
async function logged(t: TestContext, run: (job: JobContext<{ token: string }>) => Promise<unknown>) {
  const entries: Entry[] = [];
  const warn = (fields: object, message: string) => void entries.push({ message, fields: { ...fields } });
  const nothing = () => {};
  const job = defineJob({
    type: "fails",
    input: z.object({ token: z.string() }),
    secret: ["token"],
    retry: { attempts: 2, backoff: () => 0 },
    run,
  });
  const logger = { debug: nothing, info: nothing, warn, error: warn };
  const { manager } = await managerFor(t, { jobs: [job], logger });
  const { id } = await manager.submit({ type: "fails", input: { token: TOKEN } });
  return { manager, id, entries };
}

test("an attempt that fails by an error leaves its stack in the log, once each, without secrets", async (t) => {
  const { manager, id, entries } = await logged(t, async function lookUp(job) {
    throw new TypeError(`no access with ${job.input.token}`);
  });
  await manager.waitUntil(id, "failed");
  assert.deepEqual(
    entries.map(({ message, fields: { err: _err, ...about } }) => ({ message, ...about })),
    [1, 2].map((attempt) => ({ message: "An attempt failed.", job: id, type: "fails", attempt })),
  );
  for (const { fields } of entries) {
    assert.match(String(fields.err), /^TypeError: no access with \[secret\]\n.*lookUp.*failure-log\.test/s);
  }
  assert.ok(!JSON.stringify(entries).includes(TOKEN));
});

test("what is no error, or cannot be read, is told as far as it can be", async (t) => {
  const strange = [
    { toString: () => JSON.parse("{") },
    Object.defineProperty(new Error("it broke"), "stack", { get: () => JSON.parse("{") }),
  ];
  const { manager, id, entries } = await logged(t, (job) => Promise.reject(strange[job.attempt - 1]));
  await manager.waitUntil(id, "failed");
  assert.deepEqual(
    entries.map(({ fields }) => fields.err),
    ["The handler threw something that has no readable message.", "it broke"],
  );
});

test("what a handler says by itself, and what was asked of it, is no matter for the log", async (t) => {
  const entered = createGate();
  let attempts = 0;
  const { manager, id, entries } = await logged(t, async (job) => {
    attempts += 1;
    if (attempts === 1) throw new TryAgainLater(0);
    if (attempts === 2) {
      entered.open();
      await job.wait(60_000);
    }
    throw new PermanentError("There is no such account.", { code: "no_account" });
  });
  await entered.passed;
  await manager.pause(id);
  await manager.waitUntil(id, "paused");
  await manager.resume(id);
  await manager.waitUntil(id, "failed");
  assert.deepEqual(entries, []);
});
