// A handler does not notice where it runs: everything that a job's context offers works in a process of its own as it does
// in the server's.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import type { Manager } from "../../src/index.ts";
import { managerFor } from "../engine/support.ts";
import { waitFor } from "../support/wait-for.ts";
import { defineHandlers } from "./handlers.ts";
import * as isolated from "./isolated.ts";

const RUNNERS = [
  { where: "inline", handlers: defineHandlers() },
  { where: "process", handlers: isolated },
] as const;

const LINES = 1_000;
const NAMES = Array.from({ length: LINES }, (_, index) => `name ${index}`);

async function* csv() {
  yield Buffer.from(`name\n${NAMES.join("\n")}\n`);
}

for (const { where, handlers } of RUNNERS) {
  const start = (t: TestContext, concurrency = 10) => managerFor(t, { jobs: Object.values(handlers), concurrency });

  test(`${where}: checkpoint, progress, log and steps`, async (t) => {
    const { manager } = await start(t);
    assert.equal(manager.jobTypes()[0]?.isolation, where);
    const { id } = await manager.submit({ type: "everything", input: { name: "Ada", token: "hunter22" } });
    const job = await manager.waitUntil(id, "final");
    assert.deepEqual(job.output, {
      same: true,
      cursor: { at: "half" },
      type: "everything",
      attempt: 1,
      phase: "forward",
    });
    assert.deepEqual(
      { ...job.progress, ratePerSecond: 0 },
      {
        done: 2,
        total: 4,
        unit: "parts",
        message: "half",
        ratePerSecond: 0,
        etaMs: null,
      },
    );
    const [line] = await manager.logs(id);
    assert.deepEqual([line?.level, line?.message, line?.fields], ["info", "hello Ada", { token: "[secret]" }]);
    assert.equal(job.checkpoint.seq > 0, true);
  });

  test(`${where}: a CSV file goes into a database and an artifact exactly once, through a pause and two restarts`, async (t) => {
    const pawl = await start(t);
    const file = await pawl.manager.files.upload(csv(), { name: "a.csv", mediaType: "text/csv", maxBytes: 1e6 });
    const database = join(pawl.directory, "target.db");
    const { id } = await pawl.manager.submit({ type: "import-rows", input: { file: file.id, database } });
    const doneOf = async (manager: Manager) => (await manager.get(id))?.progress.done ?? 0;
    await waitFor(async () => (await doneOf(pawl.manager)) > 0, { what: "the first lines" });
    await pawl.manager.pause(id);
    await pawl.manager.waitUntil(id, "paused");
    const resumed = await pawl.restart();
    await resumed.resume(id);
    await waitFor(async () => existsSync(database), { what: "the first rows" });
    const manager = await pawl.restart();
    const job = await manager.waitUntil(id, "final");
    assert.deepEqual([job.state, job.error, job.output], ["succeeded", null, { done: LINES }]);
    using target = new DatabaseSync(database, { readOnly: true });
    const rows = target.prepare("SELECT text FROM line ORDER BY rowid").all();
    assert.deepEqual(
      rows.map(({ text }) => text),
      NAMES,
    );
    const { read } = await manager.files.artifact(id, "copy.txt");
    const chunks: Uint8Array[] = [];
    for await (const chunk of read()) chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString(), `${NAMES.join("\n")}\n`);
  });

  test(`${where}: what the journal says is undone, the newest first`, async (t) => {
    const { manager, directory } = await start(t);
    const folder = join(directory, "things");
    mkdirSync(folder);
    writeFileSync(join(folder, "undone"), "");
    const { id } = await manager.submit({ type: "make-things", input: { folder, count: 4 } });
    const failed = await manager.waitUntil(id, "failed");
    assert.deepEqual([failed.error?.code, failed.error?.details], ["enough", { count: 4 }]);
    await manager.rollback(id);
    assert.equal((await manager.waitUntil(id, "final")).state, "rolled_back");
    assert.equal(readFileSync(join(folder, "undone"), "utf8"), "3 2 1 0 ");
  });

  test(`${where}: an error fails the attempt, and the last one the job`, async (t) => {
    const { manager } = await start(t);
    const { id } = await manager.submit({ type: "fails", input: {} });
    const job = await manager.waitUntil(id, "final");
    assert.deepEqual(
      [job.state, job.attempt, job.error?.code, job.error?.message],
      ["failed", 2, "error", "attempt 2 fails"],
    );
  });

  test(`${where}: sleeping and trying again later use up no attempt`, async (t) => {
    const { manager } = await start(t);
    const { id } = await manager.submit({ type: "sleeps", input: {} });
    const job = await manager.waitUntil(id, "final");
    assert.deepEqual([job.state, job.output, job.attempt], ["succeeded", 2, 1]);
  });

  test(`${where}: a paused job goes on where it was, and a cancelled one stops`, async (t) => {
    const { manager } = await start(t);
    const { id } = await manager.submit({ type: "counts", input: {} });
    await waitFor(async () => ((await manager.get(id))?.progress.done ?? 0) > 0, { what: "the first items" });
    await manager.pause(id);
    const { done } = (await manager.waitUntil(id, "paused")).progress;
    assert.ok(done > 0);
    await manager.resume(id);
    await waitFor(async () => ((await manager.get(id))?.progress.done ?? 0) > done, { what: "more items" });
    await manager.cancel(id);
    const job = await manager.waitUntil(id, "final");
    assert.deepEqual([job.state, job.attempt, job.crashCount, job.abandoned], ["cancelled", 1, 0, false]);
  });

  test(`${where}: the signal reaches the handler, and what it returns counts`, async (t) => {
    const { manager } = await start(t);
    const { id } = await manager.submit({ type: "swallows", input: {} });
    await waitFor(async () => (await manager.logs(id)).length > 0, { what: "the handler to listen" });
    await manager.cancel(id);
    const job = await manager.waitUntil(id, "final");
    assert.deepEqual([job.state, job.output], ["succeeded", "stopped early"]);
  });

  test(`${where}: a stop of the server puts the job back where it was`, async (t) => {
    const pawl = await start(t);
    const { id } = await pawl.manager.submit({ type: "counts", input: {} });
    await waitFor(async () => ((await pawl.manager.get(id))?.progress.done ?? 0) > 0, { what: "the first items" });
    const manager = await pawl.restart({ jobs: [] });
    const job = await manager.get(id);
    assert.deepEqual([job?.state, job?.attempt, job?.crashCount], ["queued", 1, 0]);
    assert.ok((job?.progress.done ?? 0) > 0);
  });
}
