// Handlers that do what they should not. Whatever they do, their jobs end, and nobody else's suffer.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { defineJob, Interruption, type JobContext, type Json, type Manager } from "../../src/index.ts";
import { sqliteTarget } from "../../src/stores/sqlite/index.ts";
import { createGate, managerFor, numbers } from "./support.ts";

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
    assert.ok(job.error?.message, definition.type);
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

/** Unhandled rejections of a test: each of them would end a server's process. */
function watchRejections(t: TestContext): readonly unknown[] {
  const seen: unknown[] = [];
  const note = (reason: unknown) => void seen.push(reason);
  process.on("unhandledRejection", note);
  t.after(() => process.off("unhandledRejection", note));
  return seen;
}

const ends = async (manager: Manager, name: string) => {
  const { id } = await manager.submit({ type: name, input: {} });
  return manager.waitUntil(id, "final");
};

test("calls that nobody awaits harm nobody, whatever becomes of them", async (t) => {
  const rejections = watchRejections(t);
  const careless = [
    type("step", async (job) => void job.step("late", () => job.wait(20))),
    type("bad-step", async (job) => void job.step("", () => {})),
    type("failing-step", async (job) => void job.step("fails", () => Promise.reject(new Error("unseen")))),
    type("journal", async (job) => void job.journal(numbers(3))),
    type("bad-journal", async (job) => void job.journal(noJson)),
    type("sleep", async (job) => void job.sleep("long", 60_000)),
    type("short-sleep", async (job) => void job.sleep("short", 50)),
    type("bad-sleep", async (job) => void job.sleep("bad", Number.NaN)),
    type("checkpoint", async (job) => void job.checkpoint(noJson)),
    type("wait", async (job) => void job.wait(60_000)),
    type("file", async (job) => void job.openFile("none")),
    type("artifact", async (job) => void job.artifact("../escape")),
  ];
  const { manager, store } = await managerFor(t, { jobs: careless });
  for (const { type: name } of careless) assert.equal((await ends(manager, name)).state, "succeeded", name);
  const [step] = (await manager.list({ type: ["step"] })).items;
  const [journal] = (await manager.list({ type: ["journal"] })).items;
  assert.equal((await store.steps.steps(step?.id ?? "")).length, 1, "an attempt ends after its steps");
  assert.equal(await store.journal.size(journal?.id ?? ""), 3, "and after its journal entries");
  assert.deepEqual(rejections, []);
});

test("an interruption that meets calls that nobody awaits is nobody's unhandled rejection", async (t) => {
  const rejections = watchRejections(t);
  const entered = createGate();
  const careless = type("careless", async (job) => {
    void job.wait(60_000);
    entered.open();
    await job.wait(60_000).catch(() => {});
    void job.checkpoint();
    void job.step("never", () => assert.fail("a step began against a pause"));
    void job.sleep("never", 10);
    await job.checkpoint();
  });
  const { manager } = await managerFor(t, { jobs: [careless] });
  const { id } = await manager.submit({ type: "careless", input: {} });
  await entered.passed;
  await manager.pause(id);
  assert.equal((await manager.waitUntil(id, ["paused", "final"])).state, "paused");
  assert.deepEqual(rejections, []);
});

test("once a handler has ended, its calls are refused and do nothing", async (t) => {
  const contexts: JobContext[] = [];
  const leaks = type("leaks", async (job) => void contexts.push(job));
  const { manager, store } = await managerFor(t, { jobs: [leaks] });
  const { id } = await ends(manager, "leaks");
  const [job] = contexts;
  assert.ok(job);
  let ran = false;
  const late = {
    step: () => job.step("late", () => (ran = true)),
    journal: () => job.journal("late"),
    sleep: () => job.sleep("late", 60_000),
    checkpoint: () => job.checkpoint("late"),
    wait: () => job.wait(1),
  };
  for (const [name, call] of Object.entries(late)) {
    await assert.rejects(call(), (error: Error) => error.message.includes(`job.${name} was called after`), name);
  }
  assert.equal(ran, false);
  assert.equal(await store.journal.size(id), 0);
  assert.deepEqual(await store.steps.steps(id), []);
});

test("an attempt whose lease is lost can neither remember, journal nor sleep; the one that has it goes on", async (t) => {
  const [entered, go] = [createGate(), createGate()];
  const causes: string[] = [];
  let attempts = 0;
  const stale = type("stale", async (job) => {
    attempts += 1;
    if (attempts > 1) return job.step("work", () => "of the new one");
    entered.open();
    await go.passed;
    const noteCause = (error: Interruption) => causes.push(error.cause);
    await job.step("work", () => "of the old one").catch(noteCause);
    await job.journal("old").catch(noteCause);
    await job.sleep("old", 60_000).catch(noteCause);
    return "swallowed it all";
  });
  const { manager, store } = await managerFor(t, { jobs: [stale] });
  const { id } = await manager.submit({ type: "stale", input: {} });
  await entered.passed;
  const workerId = (await manager.get(id))?.worker ?? "";
  await store.leases.retire(workerId);
  await store.leases.reap({ crashLimit: 5 });
  go.open();
  const done = await manager.waitUntil(id, "final");
  assert.equal(done.output, "of the new one");
  assert.deepEqual(causes, ["lease_lost", "lease_lost", "lease_lost"]);
  assert.equal(await store.journal.size(id), 0);
  assert.deepEqual(await store.steps.steps(id), [{ name: "step:work", result: "of the new one" }]);
});

test("a sleep of another attempt, thrown again, is no sleep", async (t) => {
  let stolen: unknown;
  const thief = type("thief", async (job) => {
    if (stolen) throw stolen;
    await job.sleep("mine", 60_000).catch((error) => {
      stolen = error;
    });
  });
  const { manager } = await managerFor(t, { jobs: [thief] });
  assert.equal((await ends(manager, "thief")).state, "succeeded");
  assert.equal((await ends(manager, "thief")).state, "failed");
});
