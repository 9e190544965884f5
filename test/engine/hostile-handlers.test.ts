// Handlers that do what they should not. Whatever they do, their jobs end, and nobody else's suffer.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import * as z from "zod";
import { defineJob, Interruption, type JobContext, type Json } from "../../src/index.ts";
import { sqliteTarget } from "../../src/stores/sqlite/index.ts";
import { createGate, managerFor } from "./support.ts";

const once = { attempts: 1 } as const;

/** A job type that does one thing, once. */
const type = (name: string, run: (job: JobContext) => Promise<unknown>) =>
  defineJob({ type: name, input: z.object({}), retry: once, run });

/** What TypeScript would not let through. */
const noJson = 10n as unknown as Json;

test("every strange ending of a handler is an ending", async (t) => {
  const strange = [
    type("bigint-output", async () => 10n),
    type("bigint-progress", async (job) => job.progress.set({ done: 5n as unknown as number })),
    type("bigint-cursor", (job) => job.checkpoint(noJson)),
    type("throws-nothing", () => Promise.reject(undefined)),
    type("throws-hostile", () => Promise.reject({ toString: () => JSON.parse("{") })),
    type("own-interruption", () => Promise.reject(new Interruption("pause"))),
    type("bad-artifact", (job) => job.artifact("../escape")),
  ];
  const { manager } = await managerFor(t, { jobs: strange });
  for (const definition of strange) {
    const { id } = await manager.submit({ type: definition.type, input: {} });
    const job = await manager.waitUntil(id, "final");
    assert.equal(job.state, "failed", definition.type);
    assert.notEqual(job.error?.message, "", definition.type);
  }
});

test("a pause that meets a handler's bad cursor still ends the attempt", async (t) => {
  const entered = createGate();
  const bad = type("bad", async (job) => {
    entered.open();
    await job.wait(60_000).catch(() => {});
    await job.checkpoint(noJson);
  });
  const { manager } = await managerFor(t, { jobs: [bad] });
  const { id } = await manager.submit({ type: "bad", input: {} });
  await entered.passed;
  await manager.pause(id);
  assert.equal((await manager.waitUntil(id, "final")).state, "failed");
});

test("two effects at once are done one after the other", async (t) => {
  const pawl = await managerFor(t, { jobs: [] });
  const database = new DatabaseSync(join(pawl.directory, "own.db"));
  t.after(() => database.close());
  const target = sqliteTarget(database);
  const parallel = type("parallel", (job) => Promise.all([1, 2, 3].map((n) => job.effects(target, () => n))));
  const manager = await pawl.restart({ jobs: [parallel] });
  const { id } = await manager.submit({ type: "parallel", input: {} });
  assert.deepEqual((await manager.waitUntil(id, "final")).output, [1, 2, 3]);
});

test("a log line that is no JSON, or far too long, takes no other line with it", async (t) => {
  const bad = type("bad", async (job) => {
    job.log.info("no JSON", noJson);
    job.log.info("x".repeat(100_000), { much: "y".repeat(100_000) });
  });
  const good = type("good", async (job) => job.log.info("hello", { n: 1 }));
  const { manager } = await managerFor(t, { jobs: [bad, good] });
  const jobs = await Promise.all(["bad", "good"].map((name) => manager.submit({ type: name, input: {} })));
  for (const { id } of jobs) await manager.waitUntil(id, "succeeded");
  const [ofBad, ofGood] = await Promise.all(jobs.map(({ id }) => manager.logs(id)));
  assert.deepEqual(
    ofGood?.map(({ message, fields }) => ({ message, fields })),
    [{ message: "hello", fields: { n: 1 } }],
  );
  assert.equal(ofBad?.length, 2);
  assert.ok(JSON.stringify(ofBad).length < 20_000);
});

test("a flood of log lines is cut, and says so", async (t) => {
  const flood = type("flood", async (job) => {
    for (let n = 0; n < 50_000; n += 1) job.log.debug(`line ${n}`);
  });
  const { manager } = await managerFor(t, { jobs: [flood] });
  const { id } = await manager.submit({ type: "flood", input: {} });
  await manager.waitUntil(id, "succeeded");
  const lines = await manager.logs(id, { limit: 10_000 });
  assert.ok(lines.length < 2_000);
  assert.match(lines.at(-1)?.message ?? "", /^\d+ lines were dropped/);
});
