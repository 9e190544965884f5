// All uploads together stay within their quota, whoever uploads at the same time, and what does not fit leaves nothing.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { createManager, defineJob, fileRef, type Manager } from "../../src/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { storedFiles } from "../support/stored-files.ts";
import { createGate, type Gate, managerFor, numbers } from "./support.ts";

const work = defineJob({
  type: "work",
  input: z.object({ file: fileRef() }),
  async run(job) {
    const artifact = await job.artifact("result.txt");
    await artifact.write("x".repeat(1_000));
  },
});

/** An upload whose chunks are let through one by one; `taken` passes when all before that chunk were asked for. */
interface SlowUpload {
  readonly gates: readonly Gate[];
  readonly taken: readonly Gate[];
  readonly result: Promise<unknown>;
}

const start = (t: TestContext, uploadQuotaBytes: number | null) =>
  managerFor(t, { jobs: [work], uploadQuotaBytes, clock: createFakeClock(Date.parse("2026-01-01T00:00:00Z")) });

async function* chunks(sizes: readonly number[]) {
  for (const size of sizes) yield new Uint8Array(size);
}

const FILE = { name: "a.bin", mediaType: "application/octet-stream", maxBytes: 1_000_000 };
const upload = (manager: Manager, ...sizes: readonly number[]) => manager.files.upload(chunks(sizes), FILE);

function startUpload(manager: Manager, sizes: readonly number[]): SlowUpload {
  const gates = sizes.map(createGate);
  const taken = sizes.map(createGate);
  async function* slowly() {
    for (const [index, size] of sizes.entries()) {
      taken[index]?.open();
      await gates[index]?.passed;
      yield new Uint8Array(size);
    }
  }
  const result = manager.files.upload(slowly(), FILE).catch((error: unknown) => error);
  return { gates, taken, result };
}

const codeOf = (result: unknown) => (result instanceof Error && "code" in result ? result.code : "stored");
const isFull = { code: "quota_exceeded", message: /more than 100 bytes, their quota/ };

test("uploads fit to the last byte, and the next one is refused and leaves nothing", async (t) => {
  const pawl = await start(t, 100);
  await upload(pawl.manager, 30, 30);
  const { id } = await upload(pawl.manager, 40);
  await assert.rejects(upload(pawl.manager, 1), isFull);
  await assert.rejects(upload(pawl.manager, 200), isFull);
  assert.deepEqual([await pawl.store.files.uploadedBytes(), (await storedFiles(pawl)).length], [100, 2]);
  await upload(pawl.manager);
  await pawl.manager.files.discard([id]);
  await assert.rejects(upload(pawl.manager, 20, 21), isFull);
  await upload(pawl.manager, 40);
  assert.equal(await pawl.store.files.uploadedBytes(), 100);
});

test("without a quota as much is stored as there is room for", async (t) => {
  const { manager } = await start(t, null);
  for (const size of [100, 10_000, 100_000]) assert.equal((await upload(manager, size)).size, size);
});

test("a quota that is none is refused", async (t) => {
  const { store, directory } = await start(t, null);
  const fileStore = createDirectoryFileStore({ directory });
  for (const uploadQuotaBytes of [-1, 1.5, Number.NaN]) {
    assert.throws(() => createManager({ store, fileStore, jobs: [], uploadQuotaBytes }), {
      code: "invalid_request",
      message: /uploadQuotaBytes/,
    });
  }
});

test("an upload is refused while it streams, before it is read to its end", async (t) => {
  const { manager } = await start(t, 100);
  const slow = startUpload(manager, [60, 60, 60]);
  slow.gates[0]?.open();
  slow.gates[1]?.open();
  assert.equal(codeOf(await slow.result), "quota_exceeded");
});

test("what is under way counts, and no more when it breaks off", async (t) => {
  const pawl = await start(t, 100);
  const slow = startUpload(pawl.manager, [70, 20]);
  slow.gates[0]?.open();
  await slow.taken[1]?.passed;
  await assert.rejects(upload(pawl.manager, 31), isFull);
  const broken = pawl.manager.files.upload(
    (async function* () {
      yield new Uint8Array(30);
      throw new Error("connection lost");
    })(),
    FILE,
  );
  await assert.rejects(broken, /connection lost/);
  await assert.rejects(pawl.manager.files.upload(chunks([30]), { ...FILE, maxBytes: 10 }), {
    code: "payload_too_large",
  });
  await upload(pawl.manager, 10);
  slow.gates[1]?.open();
  assert.equal(codeOf(await slow.result), "stored");
  await assert.rejects(upload(pawl.manager, 1), isFull);
  assert.deepEqual([await pawl.store.files.uploadedBytes(), (await storedFiles(pawl)).length], [100, 2]);
});

test("however many upload at once, what is stored stays within the quota, and room that there is gets used", async (t) => {
  const pawl = await start(t, 100);
  const results = await Promise.all(
    numbers(40).map((n) => upload(pawl.manager, 1 + (n % 3), 2, 3).catch((error: unknown) => error)),
  );
  const codes = new Set(results.map(codeOf));
  assert.deepEqual([...codes].sort(), ["quota_exceeded", "stored"]);
  const stored = await pawl.store.files.uploadedBytes();
  assert.ok(stored > 0 && stored <= 100);
  assert.equal((await storedFiles(pawl)).length, results.filter((result) => codeOf(result) === "stored").length);
  for (let more = stored; more < 100; more += 1) await upload(pawl.manager, 1);
  await assert.rejects(upload(pawl.manager, 1), isFull);
});

test("of two uploads that are too much together one is stored", async (t) => {
  const { manager } = await start(t, 100);
  const uploads = [startUpload(manager, [40, 30]), startUpload(manager, [40, 30])];
  for (const { gates } of uploads) gates[0]?.open();
  for (const { taken } of uploads) await taken[1]?.passed;
  for (const { gates } of uploads) gates[1]?.open();
  const results = await Promise.all(uploads.map(({ result }) => result));
  assert.deepEqual(results.map(codeOf).sort(), ["quota_exceeded", "stored"]);
});

test("uploads of jobs count as long as the jobs are kept, artifacts never, and a restart forgets nothing", async (t) => {
  const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
  const pawl = await managerFor(t, { jobs: [work], uploadQuotaBytes: 100, clock });
  const { id } = await upload(pawl.manager, 90);
  const job = await pawl.manager.submit({ type: "work", input: { file: id } });
  await pawl.manager.waitUntil(job.id, "succeeded");
  await pawl.restart();
  await assert.rejects(upload(pawl.manager, 11), isFull);
  await upload(pawl.manager, 10);
  await pawl.manager.remove(job.id);
  await upload(pawl.manager, 90);
  await assert.rejects(upload(pawl.manager, 1), isFull);
});
