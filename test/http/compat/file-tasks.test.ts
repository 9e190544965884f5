// Earlier API 5 as its clients meet it: create a task, poll it, fetch its file.
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { defineJob } from "../../../src/index.ts";
import { waitFor } from "../../support/wait-for.ts";
import { createGate } from "../support.ts";
import { type CompatServerOptions, compatServerFor, ENDLESS_MS } from "./support.ts";

const NO_JOB = "019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f";

interface Task {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly file_path: string;
}

/** A server, and API 5 on it in short. */
async function start(t: TestContext, options: CompatServerOptions = {}) {
  const pawl = await compatServerFor(t, options);
  const ask = async <T = Task>(method: string, path: string, body?: unknown) => {
    const answer = await pawl.call(method, path, body);
    return { status: answer.status, body: answer.body as T };
  };
  const create = async (name: string): Promise<string> => {
    const answer = await ask("POST", "/create-task", { name });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  return { ...pawl, ask, create };
}

const refusal = (status: number, error: string) => ({ status, body: { error } });

test("a task is pending, then completed with a path that downloads its file", async (t) => {
  const { ask, url, until } = await start(t);
  const created = await ask("POST", "/create-task", { name: "sample" });
  const { id } = created.body;
  assert.deepEqual(created, { status: 201, body: { id, name: "sample", status: "pending", file_path: "" } });
  await until(id, "final");
  const file_path = `/api/v1/jobs/${id}/artifacts/task.json`;
  const completed = { status: 200, body: { id, name: "sample", status: "completed", file_path } };
  assert.deepEqual(await ask("GET", `/poll-task/${id}`), completed);
  assert.deepEqual(await ask("GET", `/poll-task/${id.toUpperCase()}`), completed);
  const file = await fetch(url + file_path);
  assert.deepEqual([file.status, file.headers.get("content-type")], [200, "application/json"]);
  assert.deepEqual(await file.json(), { id, name: "sample", step: 2, steps: 2 });
});

test("a path is told only when there is a file: a task that is not done has none, whatever it has written", async (t) => {
  const { ask, create, manager, until } = await start(t, { fileTaskStepMs: ENDLESS_MS });
  const id = await create("sample");
  await waitFor(async () => (await manager.get(id))?.startedAt, { what: "the first step" });
  const polled = (status: string) => ({ status: 200, body: { id, name: "sample", status, file_path: "" } });
  assert.deepEqual(await ask("GET", `/poll-task/${id}`), polled("pending"));
  await manager.pause(id);
  await until(id, "paused");
  assert.deepEqual(await ask("GET", `/poll-task/${id}`), polled("pending"));
  await manager.cancel(id);
  assert.deepEqual(await ask("GET", `/poll-task/${id}`), polled("cancelled"));
});

test("a cancel shows while the task has not come to it yet, a pause never", async (t) => {
  const gate = createGate();
  const stubborn = defineJob({ type: "file-task", input: z.object({ name: z.string() }), run: () => gate.passed });
  const { ask, create, manager, until } = await start(t, { replaced: [stubborn] });
  const id = await create("sample");
  await until(id, "running");
  const steps = [
    ["running", "pending", async () => undefined],
    ["pausing", "pending", () => manager.pause(id)],
    ["cancelling", "cancelled", () => manager.cancel(id)],
  ] as const;
  for (const [state, status, steer] of steps) {
    await steer();
    assert.equal((await manager.get(id))?.state, state);
    assert.equal((await ask("GET", `/poll-task/${id}`)).body.status, status);
  }
  gate.open();
  await until(id, "final");
});

test("a task that failed is failed, and has no path", async (t) => {
  // Over a folder, where the test can put something in the way.
  const { ask, manager, pawl, until } = await start(t, { manager: { storage: undefined } });
  const files = join(pawl.directory, "files");
  await rm(files, { recursive: true, force: true });
  await writeFile(files, "No folder: nothing can be written into it.");
  const { id } = await manager.submit({ type: "file-task", input: { name: "sample" }, maxAttempts: 1 });
  assert.equal((await until(id, "final")).state, "failed");
  const failed = { id, name: "sample", status: "failed", file_path: "" };
  assert.deepEqual(await ask("GET", `/poll-task/${id}`), { status: 200, body: failed });
});

test("100 creates at the same time are answered at once, however many tasks run", async (t) => {
  const { ask, create, manager } = await start(t, { fileTaskStepMs: ENDLESS_MS, manager: { concurrency: 5 } });
  for (let n = 1; n <= 11; n += 1) await create(`task ${n}`);
  const ids = await Promise.all(Array.from({ length: 100 }, (_, index) => create(`more ${index}`)));
  assert.equal(new Set(ids).size, 100);
  for (const id of ids) assert.equal((await ask("GET", `/poll-task/${id}`)).body.status, "pending");
  assert.equal((await manager.list({ type: ["file-task"], limit: 200 })).items.length, 111);
});

test("a create that says something else is refused in this API's words, and nothing is stored", async (t) => {
  const { ask, manager } = await start(t);
  const empty = "Invalid input. Task name cannot be empty";
  const noString = "Invalid input. Task name must be a string";
  const deep = `${'{"name":'.repeat(40)}1${"}".repeat(40)}`;
  const refused: readonly (readonly [body: unknown, error: string | RegExp])[] = [
    [{}, empty],
    [{ name: "" }, empty],
    [{ name: null }, empty],
    [{ Name: "sample" }, empty],
    ["[]", empty],
    ["null", empty],
    ["7", empty],
    [undefined, empty],
    [{ name: 7 }, noString],
    [{ name: 0 }, noString],
    [{ name: false }, noString],
    [{ name: ["sample"] }, noString],
    [{ name: {} }, noString],
    [{ name: "two\nlines" }, /^Invalid input\. Task name must not hold control characters/],
    [{ name: "x".repeat(201) }, /^Invalid input\. Task name .*200/],
    ['{"name":"sample"', /^The JSON cannot be read/],
    ["name=sample", /^The JSON cannot be read/],
    [deep, /^The JSON is nested deeper than 32 levels/],
    ['{"name":"sample","__proto__":{}}', /__proto__/],
  ];
  for (const [body, error] of refused) {
    const answer = await ask<{ readonly error: string }>("POST", "/create-task", body);
    assert.equal(answer.status, 400);
    assert.deepEqual(Object.keys(answer.body), ["error"]);
    if (typeof error === "string") assert.equal(answer.body.error, error);
    else assert.match(answer.body.error, error);
  }
  assert.deepEqual((await manager.list()).items, []);
});

test("a body is read as JSON whatever its Content-Type says, and members that nobody knows are passed over", async (t) => {
  const { call } = await start(t);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "?"]) {
    const answer = await call("POST", "/create-task", '{"name":"sample","id":7}', { "content-type": type });
    assert.equal(answer.status, 201, type);
    assert.equal((answer.body as Task).name, "sample");
  }
});

test("a full queue answers 429 and stores nothing", async (t) => {
  const { create, ask, manager } = await start(t, { manager: { queueLimit: 1 } });
  await manager.queues.pause("default");
  await create("sample");
  const answer = await ask<{ readonly error: string }>("POST", "/create-task", { name: "sample" });
  assert.equal(answer.status, 429);
  assert.deepEqual(Object.keys(answer.body), ["error"]);
  assert.match(answer.body.error, /Nothing was stored/);
  assert.equal((await manager.list()).items.length, 1);
});

test("a query parameter that is given twice is refused, one that nobody knows is passed over", async (t) => {
  const { ask, create } = await start(t);
  const id = await create("sample");
  const twice = refusal(400, 'The query parameter "x" is given more than once.');
  assert.deepEqual(await ask("GET", `/poll-task/${id}?x=1&x=2`), twice);
  assert.deepEqual(await ask("POST", "/create-task?x=1&x=2", { name: "sample" }), twice);
  assert.equal((await ask("GET", `/poll-task/${id}?x=1`)).status, 200);
});

test("an id that is no UUID is refused, and one that is no task's is not found", async (t) => {
  const { ask, manager } = await start(t);
  const other = await manager.submit({ type: "simple", input: {} });
  for (const id of ["7", "nope", `${NO_JOB}0`, NO_JOB.slice(1), `${NO_JOB}%00`, "..%2f..%2fetc", `%7B${NO_JOB}%7D`]) {
    assert.deepEqual(await ask("GET", `/poll-task/${id}`), refusal(400, "Invalid task ID"), id);
  }
  for (const id of [NO_JOB, other.id, "00000000-0000-0000-0000-000000000000", "6F1C2D3E-4B5A-4978-8695-A4B3C2D1E0F9"]) {
    assert.deepEqual(await ask("GET", `/poll-task/${id}`), refusal(404, "Task not found"));
  }
});

test("tasks are the same here and in /api/v1, whoever submitted them", async (t) => {
  const { call, ask, create, until } = await start(t);
  const json = { "content-type": "application/json" };
  const made = await call("POST", "/api/v1/jobs", { type: "file-task", input: { name: "made elsewhere" } }, json);
  const { id } = made.body as Task;
  await until(id, "succeeded");
  const { body } = await ask("GET", `/poll-task/${id}`);
  assert.deepEqual([body.name, body.status], ["made elsewhere", "completed"]);
  const shown = await call("GET", `/api/v1/jobs/${await create("sample")}`);
  assert.equal(shown.status, 200);
});
