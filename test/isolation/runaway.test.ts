// Code that never lets go: its process can be stopped whatever it does, its end is told as it was, and nobody else notices.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { createManager, type Manager, systemClock } from "../../src/index.ts";
import { ownProcess } from "../../src/isolation/index.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { elapse, elapseUntilFinal, managerFor } from "../engine/support.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";
import * as runaway from "./runaway.ts";

const start = (t: TestContext, options: { readonly drainMs?: number; readonly clock?: Clock } = {}) =>
  managerFor(t, { jobs: Object.values(runaway), ...options });

/** A process that has ended may still be listed until whoever inherited it looks. */
function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** The processes that a job has noted. */
const pidsIn = (file: string) => {
  const pids = existsSync(file) ? readFileSync(file, "latin1").split(" ").map(Number) : [];
  return pids.length > 0 && pids.every((pid) => pid > 0) ? pids : null;
};

async function startStuck(manager: Manager, directory: string) {
  const pidFile = join(directory, `pid-${Math.random()}`);
  const { id } = await manager.submit({ type: "stuck", input: { pidFile } });
  return { id, pidFile, pids: await waitFor(async () => pidsIn(pidFile), { what: "the job's process" }) };
}

test("an endless loop is paused: its process ends, and the resume goes on at the checkpoint", async (t) => {
  const { manager, directory } = await start(t);
  const { id, pids } = await startStuck(manager, directory);
  await manager.pause(id);
  const job = await manager.waitUntil(id, "paused");
  assert.deepEqual([job.attempt, job.crashCount, job.error, job.worker], [1, 0, null, null]);
  assert.deepEqual(pids.filter(lives), []);
  for (const _ of [2, 3]) {
    const seq = (await manager.get(id))?.checkpoint.seq ?? 0;
    await manager.resume(id);
    await waitFor(async () => ((await manager.get(id))?.checkpoint.seq ?? 0) > seq, { what: "the next checkpoint" });
    await manager.pause(id);
    await manager.waitUntil(id, "paused");
  }
  await manager.resume(id);
  const done = await manager.waitUntil(id, "final");
  assert.deepEqual([done.state, done.output, done.attempt], ["succeeded", "arrived", 1]);
});

test("endless loops are cancelled and terminated while everybody else is served", async (t) => {
  const { manager, directory } = await start(t);
  const [one, two] = await Promise.all([startStuck(manager, directory), startStuck(manager, directory)]);
  for (let request = 0; request < 50; request += 1) assert.equal((await manager.get(one.id))?.state, "running");
  await manager.cancel(one.id);
  assert.equal((await manager.waitUntil(one.id, "final")).state, "cancelled");
  assert.deepEqual(one.pids.filter(lives), []);
  assert.deepEqual(two.pids.filter(lives), two.pids);
  await manager.terminate(two.id);
  const job = await manager.waitUntil(two.id, "final");
  assert.deepEqual([job.state, job.abandoned], ["cancelled", false]);
  assert.deepEqual(two.pids.filter(lives), []);
});

test("what a job started ends with it", async (t) => {
  const { manager, directory } = await start(t);
  const pidFile = join(directory, "pids");
  const { id } = await manager.submit({ type: "marks", input: { pidFile } });
  const pids = await waitFor(async () => pidsIn(pidFile), { what: "the job's processes" });
  assert.deepEqual(pids.filter(lives), pids);
  await manager.terminate(id);
  await manager.waitUntil(id, "final");
  await waitFor(async () => !pids.some(lives), { what: "the end of what the job started" });
});

test("a terminate takes no grace", async (t) => {
  // By this clock no grace ever ends.
  const { manager, directory } = await start(t, { clock: createFakeClock(0) });
  const { id } = await startStuck(manager, directory);
  await manager.terminate(id);
  assert.equal((await manager.waitUntil(id, "final")).state, "cancelled");
});

test("an endless loop that is out of time fails as a time-out", async (t) => {
  const clock = createFakeClock(0);
  const pawl = await start(t, { clock });
  const pidFile = join(pawl.directory, "pid");
  const { id } = await pawl.manager.submit({ type: "overdue", input: { pidFile } });
  const started = (attempt: number) =>
    waitFor(async () => (await pawl.manager.get(id))?.attempt === attempt && pidsIn(pidFile), {
      what: `the process of attempt ${attempt}`,
    });
  const first = await started(1);
  rmSync(pidFile);
  await elapse(clock, pawl, 3_000);
  const second = await started(2);
  const job = await elapseUntilFinal(clock, pawl, id);
  assert.deepEqual([job.state, job.error?.code, job.attempt], ["failed", "timeout", 2]);
  assert.deepEqual([...first, ...second].filter(lives), []);
});

test("checkpoints in a process of its own keep the watchdog away, and nothing else does", async (t) => {
  const clock = createFakeClock(0);
  const pawl = await start(t, { clock });
  const { manager, directory } = pawl;
  const standStill = join(directory, "stand-still");
  const { id } = await manager.submit({ type: "stalls", input: { standStill } });
  const seqNow = async () => (await manager.get(id))?.checkpoint.seq ?? 0;
  for (let round = 0; round < 4; round += 1) {
    const before = await seqNow();
    await waitFor(async () => (await seqNow()) > before, { what: "another checkpoint" });
    await elapse(clock, pawl, 1_999);
  }
  writeFileSync(standStill, "");
  const messageIs = async (text: string) => (await manager.get(id))?.progress.message === text;
  await waitFor(() => messageIs("stands still now"), { what: "the last checkpoint" });
  const job = await elapseUntilFinal(clock, pawl, id);
  assert.deepEqual([job.state, job.error?.code], ["failed", "stalled"]);
});

test("a stop of the server ends an endless loop after the drain, and costs the job nothing", async (t) => {
  const pawl = await start(t, { drainMs: 50 });
  const { id, pids } = await startStuck(pawl.manager, pawl.directory);
  const manager = await pawl.restart({ jobs: [] });
  assert.deepEqual(pids.filter(lives), []);
  const job = await manager.get(id);
  assert.deepEqual([job?.state, job?.attempt, job?.crashCount, job?.abandoned], ["queued", 1, 0, false]);
});

for (const { how, tells } of [
  { how: "exit", tells: /ended by itself with exit code 3\. Its last words: about to die$/ },
  { how: "signal", tells: /was ended by SIGKILL\. Its last words: about to die$/ },
  { how: "throw", tells: /ended by itself with exit code 1\. Its last words: Uncaught: nobody catches this$/ },
  { how: "memory", tells: /was ended by SIGABRT\. Its last words: FATAL ERROR: .*memory/ },
] as const) {
  test(`a process that dies by itself (${how}) fails the attempt, and tells why`, async (t) => {
    const { manager } = await start(t);
    const { id } = await manager.submit({ type: "dies", input: { how } });
    const job = await manager.waitUntil(id, "final");
    assert.deepEqual([job.state, job.error?.code, job.attempt], ["failed", "process_died", 2]);
    assert.match(job.error?.message ?? "", tells);
    const lines = await manager.logs(id);
    assert.equal(lines.filter(({ level, message }) => level === "warn" && message === "about to die").length, 2);
  });
}

test("a flood of lines is cut down, and the job's own end is not lost", async (t) => {
  const { manager } = await start(t);
  const { id } = await manager.submit({ type: "floods", input: { lines: 50_000 } });
  const job = await manager.waitUntil(id, "final");
  assert.equal(job.state, "succeeded");
  const lines: string[] = [];
  for (let after = 0; ; ) {
    const page = await manager.logs(id, { after, limit: 1_000 });
    if (page.length === 0) break;
    lines.push(...page.map(({ message }) => message));
    after = page.at(-1)?.seq ?? 0;
  }
  assert.ok(lines.length <= 10_000);
  assert.ok(lines.some((line) => /^\d+ lines were dropped/.test(line)));
  assert.ok(lines.includes("logged 0"));
});

test("what a job says on its process's channel, and signals to it, change nothing", async (t) => {
  const { manager } = await start(t);
  const { id } = await manager.submit({ type: "babbles", input: {} });
  const job = await manager.waitUntil(id, "final");
  assert.deepEqual([job.state, job.output], ["succeeded", "done"]);
});

test("a module that does not export the type fails the job for good, and says what to do", async (t) => {
  const { manager } = await start(t);
  const { id } = await manager.submit({ type: "misplaced", input: {} });
  const job = await manager.waitUntil(id, "final");
  assert.deepEqual([job.state, job.error?.code, job.attempt], ["failed", "unusable_module", 1]);
  assert.match(
    job.error?.message ?? "",
    /isolated\.ts does not export the job type "misplaced"; it exports .*everything/,
  );
});

test("a module that cannot be imported fails the attempt", async (t) => {
  const { manager } = await start(t);
  const { id } = await manager.submit({ type: "unreadable", input: {} });
  const job = await manager.waitUntil(id, "final");
  assert.deepEqual([job.state, job.error?.code, job.attempt], ["failed", "unusable_module", 2]);
  assert.match(job.error?.message ?? "", /package\.json/);
});

test("a module that is not there, and options that make no sense, are refused when the type is defined", () => {
  const here = import.meta.url;
  assert.throws(() => ownProcess(new URL("./nowhere.ts", here)), { code: "invalid_request", message: /nowhere\.ts/ });
  assert.throws(() => ownProcess("jobs/render.ts"), { code: "invalid_request", message: /import\.meta\.url/ });
  assert.throws(() => ownProcess(here, { pauseGraceMs: -1 }), { code: "invalid_request", message: /pauseGraceMs/ });
  assert.throws(() => ownProcess(here, { maxMemoryMb: 0.5 }), { code: "invalid_request", message: /maxMemoryMb/ });
});

test("a process that cannot be started fails the attempt", async (t) => {
  const { manager, directory } = await start(t);
  const { execPath } = process;
  t.after(() => {
    process.execPath = execPath;
  });
  process.execPath = join(directory, "no-such-node");
  const { id } = await manager.submit({ type: "overdue", input: { pidFile: join(directory, "pid") } });
  const job = await manager.waitUntil(id, "final");
  assert.deepEqual([job.state, job.error?.code, job.attempt], ["failed", "process_not_started", 2]);
  assert.match(job.error?.message ?? "", /ENOENT/);
});

test("kill -9 of the server ends the processes of its jobs, and what they started", async (t) => {
  const folder = await tempFolder(t);
  const program = fileURLToPath(new URL("./server.ts", import.meta.url));
  const server = spawn(process.execPath, [program, folder], { stdio: ["ignore", "inherit", "inherit"] });
  t.after(() => server.kill("SIGKILL"));
  const pids = await waitFor(async () => pidsIn(join(folder, "pids")), { what: "the job's processes" });
  assert.deepEqual(pids.filter(lives), pids);
  server.kill("SIGKILL");
  await waitFor(async () => !pids.some(lives), { what: "the end of the job's processes" });
  const marks = join(folder, "pids.marks");
  const { size } = statSync(marks);
  assert.ok(size > 0);
  const store = await createSqliteStore({ path: join(folder, "pawl.db"), clock: systemClock });
  t.after(() => store.close());
  const fileStore = createDirectoryFileStore({ directory: join(folder, "files") });
  const manager = createManager({ store, fileStore, jobs: [] });
  await manager.start();
  const [job] = (await manager.list()).items;
  assert.deepEqual([job?.state, job?.crashCount, job?.checkpoint.seq], ["queued", 1, 1]);
  assert.equal(statSync(marks).size, size);
  await manager.stop();
});
