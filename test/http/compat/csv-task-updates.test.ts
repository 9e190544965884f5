// Earlier API 2, its `updateTask`: stop, start and terminate, again and again, at once, and where they do not fit.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import type { State } from "../../../src/domain/lifecycle.ts";
import { defineJob } from "../../../src/index.ts";
import { people } from "../../engine/shipped-jobs.ts";
import { waitFor } from "../../support/wait-for.ts";
import { createGate } from "../support.ts";
import { type CsvTasks, startCsvTasks } from "./csv-tasks-support.ts";

const ACTIONS = ["start", "stop", "terminate"] as const;
type TaskAction = (typeof ACTIONS)[number];

const DONE = { start: "started", stop: "stopped", terminate: "terminated" } as const;
const done = (id: string, action: TaskAction) => ({ status: 200, body: { status: `Job ${id} ${DONE[action]}.` } });
const notAllowed = (state: string) => ({ status: 409, body: { errorType: "action_not_allowed", state } });

/** An import that goes on for long, and has some rows already. */
async function slowImport({ manager, store, rows, until }: CsvTasks, key: string): Promise<string> {
  const input = { file: await store(people(10_000)), dataset: "baseline", ratePerSecond: 200 };
  const { id } = await manager.submit({ type: "csv-import", input, key });
  await until(id, "running");
  await waitFor(async () => (await rows())?.length, { what: "the first rows" });
  return id;
}

test("a job stops, starts and is terminated, each as often as is asked", async (t) => {
  const pawl = await startCsvTasks(t);
  const { update, until, rows } = pawl;
  const id = await slowImport(pawl, "k");
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(await update("k", "stop"), done("k", "stop"));
    assert.deepEqual(await update("k", "stop"), done("k", "stop"));
    await until(id, "paused");
    assert.deepEqual(await update("k", "stop"), done("k", "stop"));
    assert.deepEqual(await update("k", "start"), done("k", "start"));
    assert.deepEqual(await update("k", "start"), done("k", "start"));
    await until(id, "running");
    assert.deepEqual(await update("k", "start"), done("k", "start"));
  }
  assert.deepEqual(await update("k", "terminate"), done("k", "terminate"));
  assert.deepEqual(await update("k", "terminate"), done("k", "terminate"));
  assert.equal((await until(id, "final")).state, "rolled_back");
  assert.deepEqual(await update("k", "terminate"), done("k", "terminate"));
  assert.deepEqual(await rows(), null, "no row stays");
});

test("concurrent requests for the same are all answered with 200, and happen once", async (t) => {
  const pawl = await startCsvTasks(t);
  const { update, until, manager } = pawl;
  const id = await slowImport(pawl, "k");
  for (const action of ["stop", "start", "terminate"] as const) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => update("k", action)));
    for (const answer of answers) assert.deepEqual(answer, done("k", action));
    await until(id, action === "stop" ? "paused" : action === "start" ? "running" : "rolled_back");
  }
  const asked = (await manager.history(id)).map(({ kind }) => kind);
  for (const kind of ["pause", "resume", "cancel"]) {
    assert.equal(asked.filter((one) => one.startsWith(kind)).length, 1, asked.join(", "));
  }
});

test("whatever is asked at the same time as a terminate, no row stays", async (t) => {
  const pawl = await startCsvTasks(t);
  const { update, until, rows } = pawl;
  for (let round = 0; round < 12; round += 1) {
    const key = `k${round}`;
    const id = await slowImport(pawl, key);
    await update(key, "stop");
    if (round % 2 === 0) await until(id, "paused");
    const others = Array.from({ length: 4 }, (_, index) => update(key, index % 2 === 0 ? "stop" : "start"));
    const [terminated, ...answers] = await Promise.all([update(key, "terminate"), ...others]);
    assert.deepEqual(terminated, done(key, "terminate"));
    for (const { status } of answers) assert.ok(status === 200 || status === 409);
    const isUndone = async () => (await pawl.manager.get(id))?.state === "rolled_back";
    await waitFor(isUndone, { what: "the undo" });
    assert.deepEqual(await rows(), null);
  }
});

test("what a state does not allow is 409 with the state, and changes nothing", async (t) => {
  const { upload, call, update, finished, jobOf, hold } = await startCsvTasks(t, { manager: { concurrency: 2 } });
  const idFor = async (content: string) => String((await upload("/uploadCSV", content)).body["Job ID"]);
  const expect = async (id: string, state: State, answers: Readonly<Record<TaskAction, string | 200>>) => {
    assert.equal((await finished(id)).state, state);
    const before = await jobOf(id);
    for (const action of ACTIONS) {
      const told = answers[action];
      assert.deepEqual(
        await update(id, action),
        told === 200 ? done(id, action) : notAllowed(told),
        `${state} ${action}`,
      );
    }
    assert.deepEqual(await jobOf(id), before);
  };
  const { body } = await call("POST", "/exportData", { from: "2024-01-01", to: "2024-01-01" });
  const nothing = String(Object(body)["Job ID"]);
  await expect(nothing, "failed", { start: "failed", stop: "failed", terminate: "failed" });
  const good = await idFor("name,day\nAda,2024-01-01\n");
  await expect(good, "succeeded", { start: "finished", stop: "finished", terminate: "finished" });
  await expect(await idFor("name,day\nAda\n"), "rolled_back", { start: "failed", stop: "failed", terminate: 200 });
  await hold();
  await hold();
  const waiting = await idFor("name,day\nAda,2024-01-01\n");
  await update(waiting, "terminate");
  await expect(waiting, "cancelled", { start: "terminated", stop: "terminated", terminate: 200 });
});

/** Bulk teams whose undo waits for a gate. */
function slowUndo() {
  const gate = createGate();
  const job = defineJob({
    type: "bulk-teams",
    input: z.record(z.string(), z.json()),
    async run(context) {
      for (;;) {
        await context.checkpoint();
        await context.wait(1);
      }
    },
    async rollback(context) {
      await gate.passed;
      await context.checkpoint();
    },
  });
  return { gate, job };
}

test("while a job is undone it shows as terminated, and nobody holds up the undo", async (t) => {
  const { gate, job } = slowUndo();
  const { upload, update, jobOf, until, manager } = await startCsvTasks(t, { replaced: [job] });
  const id = String((await upload("/createBulkTeam", "name\nred\n")).body["Job ID"]);
  const { id: jobId } = await jobOf(id);
  await until(jobId, "running");
  assert.deepEqual(await update(id, "terminate"), done(id, "terminate"));
  await waitFor(async () => (await manager.get(jobId))?.phase === "rollback", { what: "the undo" });
  assert.deepEqual(await update(id, "stop"), notAllowed("terminated"));
  assert.deepEqual(await update(id, "start"), notAllowed("terminated"));
  assert.deepEqual(await update(id, "terminate"), done(id, "terminate"));
  gate.open();
  assert.equal((await until(jobId, "final")).state, "rolled_back");
});

test("a stop that meets a terminate lets the undo go on", async (t) => {
  const pawl = await startCsvTasks(t);
  const { manager, until, rows } = pawl;
  const id = await slowImport(pawl, "k");
  await manager.pause(id);
  await until(id, "paused");
  const meeting = {
    ...manager,
    /** The terminate comes after the job was found, and before it is asked to pause. */
    async list(request: Parameters<typeof manager.list>[0]) {
      const page = await manager.list(request);
      await manager.cancel(id);
      return page;
    },
  };
  const { app } = pawl.another({ manager: meeting });
  const reply = await app.inject("/updateTask?id=k&action=stop");
  assert.deepEqual({ status: reply.statusCode, body: reply.json() }, notAllowed("terminated"));
  await waitFor(async () => (await rows()) === null, { what: "the undo" });
  assert.equal((await until(id, "final")).state, "rolled_back");
});

test("an id or action that is none is told apart from an id that nobody has", async (t) => {
  const { call, manager } = await startCsvTasks(t);
  const { key } = await manager.submit({ type: "simple", input: {}, key: "simple-1" });
  const refused: readonly (readonly [number, string, string])[] = [
    [400, "invalid_id", ""],
    [400, "invalid_id", "?action=stop"],
    [400, "invalid_id", "?id=&action=stop"],
    [400, "invalid_id", "?id=&action=nonsense"],
    [400, "invalid_id", `?id=${"x".repeat(201)}&action=stop`],
    [400, "invalid_id", "?id=a&id=b&action=stop"],
    [400, "invalid_action", "?id=a"],
    [400, "invalid_action", "?id=a&action="],
    [400, "invalid_action", "?id=a&action=Stop"],
    [400, "invalid_action", "?id=a&action=delete"],
    [400, "invalid_action", "?id=a&action=stop&action=stop"],
    [400, "invalid_action", "?id=a&action=__proto__"],
    [404, "id_doesn't_exist", "?id=a&action=stop"],
    [404, "id_doesn't_exist", "?id=anonymous-baselineCSV-1700000000-1&action=start"],
    [404, "id_doesn't_exist", `?id=${key}&action=terminate`],
    [404, "id_doesn't_exist", "?id=%3Cscript%3E&action=terminate&other=1"],
    [404, "id_doesn't_exist", "?id=%00&action=terminate"],
  ];
  for (const [status, errorType, query] of refused) {
    for (const method of ["GET", "POST"]) {
      const answer = await call(method, `/updateTask${query}`);
      assert.deepEqual([answer.status, answer.body], [status, { errorType }], `${method} ${query}`);
    }
  }
});

test("a POST does the same, and each reply points to what takes its place", async (t) => {
  const { upload, call, jobOf, hold } = await startCsvTasks(t, { manager: { concurrency: 1 } });
  await hold();
  const id = String((await upload("/createBulkTeam", "name\nred\n")).body["Job ID"]);
  const { id: jobId } = await jobOf(id);
  const verbs = { stop: "pause", start: "resume", terminate: "cancel" };
  for (const [action, verb] of Object.entries(verbs)) {
    const { status, headers } = await call("POST", `/updateTask?id=${id}&action=${action}`);
    assert.equal(status, 200);
    assert.equal(headers.get("link"), `</api/v1/jobs/${jobId}/${verb}>; rel="successor-version"`);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(headers.get("deprecation") ?? "", /^@\d{10}$/);
  }
});

test("a job of this API can be steered from the API of today, and the other way round", async (t) => {
  const { upload, update, call, jobOf, hold } = await startCsvTasks(t, { manager: { concurrency: 1 } });
  await hold();
  const id = String((await upload("/uploadCSV", "name\nAda\n")).body["Job ID"]);
  const { id: jobId } = await jobOf(id);
  assert.equal((await call("POST", `/api/v1/jobs/${jobId}/pause`)).status, 202);
  assert.deepEqual(await update(id, "stop"), done(id, "stop"));
  assert.deepEqual(await update(id, "start"), done(id, "start"));
  assert.equal((await jobOf(id)).state, "queued");
  assert.equal((await call("POST", `/api/v1/jobs/${jobId}/terminate`)).status, 202);
  assert.deepEqual(await update(id, "terminate"), done(id, "terminate"));
  assert.deepEqual(await update(id, "start"), notAllowed("terminated"));
});
