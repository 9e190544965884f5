// What is deleted by itself, and what is not.
import assert from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { defineJob, fileRef, type Manager } from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { startTestManager, type TestManagerOptions } from "../../src/testing/test-manager.ts";
import { storedFiles } from "../support/stored-files.ts";
import { waitFor } from "../support/wait-for.ts";
import { managerFor, numbers } from "./support.ts";

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

const work = defineJob({
  type: "work",
  input: z.object({ end: z.enum(["succeed", "fail"]), file: fileRef().optional() }),
  retry: { attempts: 1 },
  async run(job) {
    const artifact = await job.artifact("result.txt");
    await artifact.write("result");
    if (job.input.end === "fail") throw new Error("as asked");
  },
  async rollback() {
    if (rollbackFails) throw new Error("as asked");
  },
});
let rollbackFails = false;

async function start(
  t: TestContext,
  options: Partial<TestManagerOptions> = {},
  startManager?: typeof startTestManager,
) {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const pawl = await managerFor(t, { jobs: [work], clock, ...options }, startManager);
  /** The pruner has looked: what was to go is gone. */
  const untilLeft = (ids: readonly string[], stepMs = MINUTE_MS) =>
    waitFor(
      async () => {
        clock.advance(stepMs);
        const left = (await pawl.manager.list({ order: "oldest" })).items.map(({ id }) => id);
        return left.length <= ids.length && left;
      },
      { what: `the ${ids.length} jobs that stay` },
    );
  return { pawl, clock, untilLeft };
}

async function ended(manager: Manager, end: "succeed" | "fail", more: object = {}): Promise<string> {
  const { id } = await manager.submit({ type: "work", input: { end, ...more } });
  await manager.waitUntil(id, "final");
  return id;
}

const upload = (manager: Manager) =>
  manager.files.upload(
    (async function* () {
      yield Buffer.from("hello");
    })(),
    { name: "a.txt", mediaType: "text/plain", maxBytes: 100 },
  );

/** The paths of all bytes that the file store keeps. */
test("by default succeeded jobs stay 30 days, failed ones 90, and with a job go its history and the bytes of its files", async (t) => {
  const { pawl, clock, untilLeft } = await start(t);
  const { manager } = pawl;
  const { id: file } = await upload(manager);
  const good = await ended(manager, "succeed", { file });
  const bad = await ended(manager, "fail");
  assert.equal((await storedFiles(pawl)).length, 3);
  clock.advance(30 * DAY_MS - 10 * MINUTE_MS);
  const young = await ended(manager, "succeed");
  assert.equal((await manager.get(good))?.state, "succeeded");
  clock.advance(10 * MINUTE_MS);
  assert.deepEqual(await untilLeft([bad, young]), [bad, young]);
  await assert.rejects(manager.history(good), { code: "job_not_found" });
  assert.equal(await manager.files.get(file), null);
  await waitFor(async () => (await storedFiles(pawl)).length === 2, { what: "the bytes to go" });
  clock.advance(60 * DAY_MS);
  assert.deepEqual(await untilLeft([]), []);
});

test("beyond the number that is kept the oldest go, in portions, and counts stay right", async (t) => {
  const { pawl, clock, untilLeft } = await start(t, { retention: { succeeded: { maxAgeMs: null, maxCount: 3 } } });
  const { manager } = pawl;
  const quick = numbers(1_100).map(() => ({ type: "work", input: { end: "succeed" } }));
  const jobs = [...(await manager.submitAll(quick.slice(0, 600))), ...(await manager.submitAll(quick.slice(0, 500)))];
  await waitFor(async () => (await manager.stats()).states.succeeded === 1_100, { what: "all to succeed" });
  const newest = jobs.slice(-3).map(({ id }) => id);
  const before = clock.now();
  clock.advance(MINUTE_MS);
  // The next portions do not wait for the next minute, which such small steps do not reach.
  assert.deepEqual(await untilLeft(newest, 50), newest);
  assert.ok(clock.now() - before < 2 * MINUTE_MS - 1_000);
  assert.equal((await manager.stats()).states.succeeded, 3);
});

test("jobs that are unfinished, or whose rollback failed, are never deleted", async (t) => {
  const gone = { maxAgeMs: 1, maxCount: 0 };
  const { pawl, untilLeft } = await start(t, {
    retention: { succeeded: gone, failed: gone, cancelled: gone, rolled_back: gone },
  });
  const { manager } = pawl;
  rollbackFails = true;
  const { id: stuck } = await manager.submit({ type: "work", input: { end: "succeed" }, maxAttempts: 1 });
  await manager.waitUntil(stuck, "succeeded");
  await manager.rollback(stuck);
  await manager.waitUntil(stuck, "rollback_failed");
  rollbackFails = false;
  const { id: held } = await manager.submit({
    type: "work",
    input: { end: "succeed" },
    availableAt: "2099-01-01T00:00:00Z",
  });
  const { id: paused } = await manager.submit({
    type: "work",
    input: { end: "succeed" },
    queue: "later",
    availableAt: "2099-01-01T00:00:00Z",
  });
  await manager.pause(paused);
  for (const end of ["succeed", "fail"] as const) await manager.submit({ type: "work", input: { end } });
  assert.deepEqual(await untilLeft([stuck, held, paused]), [stuck, held, paused]);
});

test("what is kept forever stays", async (t) => {
  const forever = { maxAgeMs: null, maxCount: null };
  const { pawl, clock, untilLeft } = await start(t, { retention: { succeeded: forever } });
  const kept = await ended(pawl.manager, "succeed");
  await ended(pawl.manager, "fail");
  clock.advance(1_000 * DAY_MS);
  assert.deepEqual(await untilLeft([kept]), [kept]);
});

test("an upload that no job takes goes after a day, one that a job has stays with it", async (t) => {
  const { pawl, clock } = await start(t);
  const { manager } = pawl;
  const [unused, used] = [await upload(manager), await upload(manager)];
  await ended(manager, "succeed", { file: used.id });
  clock.advance(DAY_MS - 10 * MINUTE_MS);
  assert.notEqual(await manager.files.get(unused.id), null);
  await waitFor(
    async () => {
      clock.advance(MINUTE_MS);
      return (await manager.files.get(unused.id)) === null;
    },
    { what: "the unused upload to go" },
  );
  await waitFor(async () => (await storedFiles(pawl)).length === 2, { what: "its bytes to go" });
  assert.notEqual(await manager.files.get(used.id), null);
});

test("bytes that cannot be deleted are tried again, and keep nothing else from going", async (t) => {
  const errors: string[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (_: object, message: string) => void errors.push(message) };
  // Over a folder, where the test can put something in the way.
  const { pawl, clock, untilLeft } = await start(t, { logger }, startTestManager);
  await ended(pawl.manager, "succeed");
  const [id] = await storedFiles(pawl);
  assert.ok(id);
  const file = path.join(pawl.directory, "files", id.slice(0, 2), id);
  await rm(file);
  await mkdir(path.join(file, "in the way"), { recursive: true });
  await ended(pawl.manager, "succeed");
  clock.advance(30 * DAY_MS);
  await untilLeft([]);
  const tell = async (count: number) => {
    clock.advance(MINUTE_MS);
    return errors.length >= count;
  };
  await waitFor(() => tell(2), { what: "a second try" });
  assert.equal(errors[0], "Files could not be deleted; it is tried again.");
  const isAlone = async () => (await storedFiles(pawl)).every((left) => left === id);
  await waitFor(isAlone, { what: "the other file to go" });
  await rm(file, { recursive: true });
  // A failure from before the way was free may still come in.
  const before = errors.length + 1;
  for (const _tick of numbers(5)) {
    clock.advance(MINUTE_MS);
    await pawl.manager.stats();
  }
  assert.ok(errors.length <= before, errors.join("\n"));
});
