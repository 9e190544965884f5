// Starting, stopping, waking: what a manager does by itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { createManager, defineJob, fileRef } from "../../src/index.ts";
import { managerFor } from "./support.ts";

const quick = defineJob({ type: "quick", input: z.object({}), run: async () => "done" });

test("a manager starts once and stops once, however often it is asked", async (t) => {
  const pawl = await managerFor(t, { jobs: [quick] });
  await Promise.all([pawl.manager.start(), pawl.manager.start()]);
  const { id } = await pawl.manager.submit({ type: "quick", input: {} });
  await pawl.manager.waitUntil(id, "succeeded");
  await Promise.all([pawl.manager.stop(), pawl.manager.stop()]);
  assert.equal(await pawl.manager.readiness(), "draining");
  await assert.rejects(pawl.manager.start(), { code: "draining" });
});

test("a manager that is stopped while it starts stays stopped, and claims nothing", async (t) => {
  const pawl = await managerFor(t, { jobs: [] });
  await pawl.manager.stop();
  const fileStore = createDirectoryFileStore({ directory: pawl.directory });
  const manager = createManager({ store: pawl.store, fileStore, jobs: [quick] });
  const { id } = await manager.submit({ type: "quick", input: {}, availableAt: "2099-01-01T00:00:00Z" });
  const starting = manager.start();
  await manager.stop();
  await starting;
  assert.equal(await manager.readiness(), "draining");
  assert.equal((await manager.get(id))?.state, "queued");
});

test("a job that is due soon runs, however many others are submitted for later", async (t) => {
  const { manager } = await managerFor(t, { jobs: [quick] });
  const soon = new Date(Date.now() + 300).toISOString();
  const { id } = await manager.submit({ type: "quick", input: {}, availableAt: soon });
  const waiting = manager.waitUntil(id, "succeeded", { signal: AbortSignal.timeout(4_000) });
  const flood = setInterval(() => {
    manager.submit({ type: "quick", input: {}, availableAt: "2099-01-01T00:00:00Z" }).catch(() => {});
  }, 50);
  t.after(() => clearInterval(flood));
  await waiting;
});

test("an upload that two jobs read stays until the last of them is removed", async (t) => {
  const reader = defineJob({
    type: "reader",
    input: z.object({ file: fileRef() }),
    run: async (job) => (await job.openFile(job.input.file)).size,
  });
  const { manager } = await managerFor(t, { jobs: [reader] });
  async function* bytes() {
    yield Buffer.from("hello");
  }
  const { id: file } = await manager.files.upload(bytes(), { name: "a", mediaType: "text/plain", maxBytes: 100 });
  const [first, second] = [
    await manager.submit({ type: "reader", input: { file } }),
    await manager.submit({ type: "reader", input: { file }, availableAt: new Date(Date.now() + 500).toISOString() }),
  ];
  await manager.waitUntil(first.id, "succeeded");
  await manager.remove(first.id);
  const job = await manager.waitUntil(second.id, "final");
  assert.equal(job.output, 5);
  await manager.remove(second.id);
  assert.equal(await manager.files.get(file), null);
});

test("an unfinished job that cannot be removed says what can be done with it", async (t) => {
  const { manager } = await managerFor(t, { jobs: [quick] });
  const { id } = await manager.submit({ type: "quick", input: {}, availableAt: "2099-01-01T00:00:00Z" });
  await assert.rejects(manager.remove(id), {
    extras: { state: "queued", allowedActions: ["pause", "cancel", "terminate"] },
  });
});

test("what a caller of the library gets wrong is refused before anything is stored", async (t) => {
  const { manager } = await managerFor(t, { jobs: [quick] });
  const wrong = [
    { priority: 1.5 },
    { priority: Number.NaN },
    { maxAttempts: 0 },
    { key: "" },
    { queue: "q".repeat(101) },
    { labels: { "a:b": "c" } },
    { availableAt: "tomorrow" },
  ];
  for (const part of wrong) {
    await assert.rejects(
      manager.submit({ type: "quick", input: {}, ...part }),
      { code: "invalid_request" },
      JSON.stringify(part),
    );
  }
  assert.deepEqual((await manager.list()).items, []);
});

test("a page of a job's entries and lines has 1 to 10,000 of them", async (t) => {
  const talks = defineJob({
    type: "talks",
    input: z.object({}),
    async run(job) {
      for (const n of [1, 2, 3]) job.log.info(`line ${n}`);
    },
  });
  const { manager } = await managerFor(t, { jobs: [talks] });
  const { id } = await manager.submit({ type: "talks", input: {} });
  await manager.waitUntil(id, "succeeded");
  for (const limit of [-1, 0, 1.5, Number.NaN, 10_001]) {
    const refused = { code: "invalid_request", message: `limit is ${limit}; use a whole number from 1 to 10000.` };
    await assert.rejects(manager.history(id, { limit }), refused);
    await assert.rejects(manager.logs(id, { limit }), refused);
  }
  assert.equal((await manager.history(id, { limit: 1 })).length, 1);
  assert.deepEqual(
    (await manager.logs(id, { limit: 10_000, after: 1 })).map(({ message }) => message),
    ["line 2", "line 3"],
  );
});
