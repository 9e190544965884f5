// Earlier API 4 as its clients meet it: create, get, list and cancel jobs of a worker pool.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { defineJob } from "../../../src/index.ts";
import { createGate } from "../support.ts";
import { type CompatServerOptions, compatServerFor, ENDLESS_MS } from "./support.ts";

const NO_JOB = "019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f";
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

interface Pooled {
  readonly id: string;
  readonly payload: string;
  readonly status: string;
  readonly result?: string;
  readonly error?: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A server, and API 4 on it in short. */
async function start(t: TestContext, options: CompatServerOptions = {}) {
  const pawl = await compatServerFor(t, options);
  const ask = async <T = Pooled>(method: string, path: string, body?: unknown) => {
    const answer = await pawl.call(method, path, body);
    return { status: answer.status, body: answer.body as T };
  };
  const create = async (payload: string): Promise<string> => {
    const answer = await ask("POST", "/jobs", { payload });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.id;
  };
  return {
    ...pawl,
    ask,
    create,
    get: async (id: string) => (await ask("GET", `/jobs/${id}`)).body,
    list: async (query = "") => (await ask<readonly Pooled[]>("GET", `/jobs${query}`)).body,
  };
}

const refusal = (status: number, error: string) => ({ status, body: { error } });

test("a job is queued, then completed with its payload backwards, code point by code point", async (t) => {
  const { ask, get, manager, until } = await start(t);
  const payloads = { text: "txet", "": "", "añ🐾🇩🇪": "🇪🇩🐾ña", '"\\\n\u0000\u202e': '\u202e\u0000\n\\"' };
  for (const [payload, result] of Object.entries(payloads)) {
    const created = await ask("POST", "/jobs", { payload });
    const { id } = created.body;
    assert.deepEqual(created, { status: 200, body: { id, status: "queued" } });
    await until(id, "final");
    const job = await get(id);
    const { created_at, updated_at } = job;
    assert.deepEqual(job, { id, payload, status: "completed", result, created_at, updated_at });
    assert.match(created_at, RFC_3339);
    assert.match(updated_at, RFC_3339);
    assert.deepEqual(
      [created_at, updated_at],
      [(await manager.get(id))?.createdAt, (await manager.get(id))?.finishedAt],
    );
  }
});

test("a create that says something else is refused, and nothing is stored", async (t) => {
  const { ask, list } = await start(t);
  const deep = `${'{"payload":'.repeat(40)}1${"}".repeat(40)}`;
  const refused: readonly (readonly [body: unknown, error: string | RegExp])[] = [
    [{}, "payload is required"],
    [{ Payload: "text" }, "payload is required"],
    [{ payload: null }, "payload must be a string"],
    [{ payload: 7 }, "payload must be a string"],
    [{ payload: ["text"] }, "payload must be a string"],
    [{ payload: { text: "text" } }, "payload must be a string"],
    ["[]", "the body must be an object"],
    ["null", "the body must be an object"],
    ["7", "the body must be an object"],
    ['"text"', "the body must be an object"],
    [undefined, "the body must be an object"],
    ['{"payload":"text"', /^The JSON cannot be read/],
    ["payload=text", /^The JSON cannot be read/],
    [deep, /^The JSON is nested deeper than 32 levels/],
    ['{"payload":"text","__proto__":{}}', /__proto__/],
    [{ payload: "x".repeat(65_537) }, /^payload .*65536/],
    [{ payload: "🐾".repeat(20_000) }, "payload must be at most 64 KiB of UTF-8"],
  ];
  for (const [body, error] of refused) {
    const answer = await ask<{ readonly error: string }>("POST", "/jobs", body);
    assert.equal(answer.status, 400);
    assert.deepEqual(Object.keys(answer.body), ["error"]);
    if (typeof error === "string") assert.equal(answer.body.error, error);
    else assert.match(answer.body.error, error);
  }
  assert.deepEqual(await list(), []);
});

test("a body is read as JSON whatever its Content-Type says, and members that nobody knows are passed over", async (t) => {
  const { call, get } = await start(t);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "?"]) {
    const answer = await call("POST", "/jobs", '{"payload":"text","priority":9}', { "content-type": type });
    assert.equal(answer.status, 200, type);
    assert.equal((await get((answer.body as Pooled).id)).payload, "text");
  }
});

test("only so many are processing as there are workers; the others are queued until one is free", async (t) => {
  const { create, list, ask, until, manager } = await start(t, { reverseDelayMs: ENDLESS_MS, reverseWorkers: 2 });
  const ids = [await create("1"), await create("2"), await create("3"), await create("4")];
  const [first = "", second = "", third = ""] = ids;
  await Promise.all([until(first, "running"), until(second, "running")]);
  const statuses = async () => (await list()).map(({ payload, status }) => `${payload} ${status}`);
  assert.deepEqual(await statuses(), ["4 queued", "3 queued", "2 processing", "1 processing"]);
  assert.deepEqual(await ask("POST", `/jobs/${first}/cancel`), {
    status: 200,
    body: { id: first, status: "cancelled" },
  });
  await until(third, "running");
  assert.deepEqual(await statuses(), ["4 queued", "3 processing", "2 processing", "1 cancelled"]);
  assert.equal((await manager.list({ state: ["running"] })).items.length, 2);
});

test("cancel is for what is queued or processing, and shows at once; anything else cannot be cancelled", async (t) => {
  const { create, ask, get, until, manager } = await start(t, { reverseDelayMs: ENDLESS_MS, reverseWorkers: 1 });
  const cancelled = (id: string) => ({ status: 200, body: { id, status: "cancelled" } });
  const refused = refusal(400, "job cannot be cancelled");
  const running = await create("running");
  await until(running, "running");
  const queued = await create("queued");
  for (const id of [queued, running]) {
    assert.deepEqual(await ask("POST", `/jobs/${id}/cancel`), cancelled(id));
    assert.equal((await get(id)).status, "cancelled");
    assert.deepEqual(await ask("POST", `/jobs/${id}/cancel`), refused);
    const { result, error, status } = await get(id);
    assert.deepEqual([result, error, status], [undefined, undefined, "cancelled"]);
    await until(id, "cancelled");
  }
  const { id: completed } = await manager.submit({ type: "reverse-text", input: { text: "text", delayMs: 0 } });
  await until(completed, "succeeded");
  assert.deepEqual(await ask("POST", `/jobs/${completed}/cancel`), refused);
  assert.equal((await get(completed)).status, "completed");
});

test("a cancel shows while the job has not come to it yet", async (t) => {
  const gate = createGate();
  const stubborn = defineJob({ type: "reverse-text", input: z.object({ text: z.string() }), run: () => gate.passed });
  const { create, ask, get, list, manager, until } = await start(t, { replaced: [stubborn] });
  const id = await create("text");
  await until(id, "running");
  assert.deepEqual(await ask("POST", `/jobs/${id}/cancel`), { status: 200, body: { id, status: "cancelled" } });
  assert.equal((await manager.get(id))?.state, "cancelling");
  assert.equal((await get(id)).status, "cancelled");
  assert.equal((await list())[0]?.status, "cancelled");
  assert.deepEqual(await ask("POST", `/jobs/${id}/cancel`), refusal(400, "job cannot be cancelled"));
  gate.open();
  await until(id, "final");
});

test("of 20 cancels at the same time one is done, and the job is cancelled", async (t) => {
  const { create, ask, until } = await start(t, { reverseDelayMs: ENDLESS_MS });
  const id = await create("text");
  await until(id, "running");
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask("POST", `/jobs/${id}/cancel`)));
  const others = answers.filter(({ status }) => status !== 200);
  assert.deepEqual(
    others,
    Array.from({ length: 19 }, () => refusal(400, "job cannot be cancelled")),
  );
  await until(id, "cancelled");
});

test("a failed job tells its error", async (t) => {
  const { get, manager, until } = await start(t);
  const request = { type: "reverse-text", input: { text: "text", delayMs: ENDLESS_MS }, timeoutMs: 1, maxAttempts: 1 };
  const { id } = await manager.submit(request);
  const { error } = await until(id, "failed");
  const { created_at, updated_at, ...job } = await get(id);
  assert.deepEqual(job, { id, payload: "text", status: "failed", error: error?.message });
  assert.ok(updated_at >= created_at);
});

test("an id that is unknown, malformed or of another kind of job is not found", async (t) => {
  const { ask, manager, until } = await start(t, { simpleStepMs: ENDLESS_MS });
  const other = await manager.submit({ type: "simple", input: {} });
  await until(other.id, "running");
  for (const id of [NO_JOB, other.id, "7", "a".repeat(300), "%00", "..%2f..%2fetc", "%27%20OR%201=1--"]) {
    assert.deepEqual(await ask("GET", `/jobs/${id}`), refusal(404, "job not found"));
    assert.deepEqual(await ask("POST", `/jobs/${id}/cancel`), refusal(404, "job not found"));
  }
  assert.equal((await manager.get(other.id))?.state, "running");
});

test("a query parameter that is given twice is refused, one that nobody knows is passed over", async (t) => {
  const { call, create, get } = await start(t);
  const id = await create("text");
  const routes = [`GET /jobs/${id}`, `POST /jobs/${id}/cancel`, "POST /jobs", "GET /jobs"];
  for (const [method = "", path = ""] of routes.map((route) => route.split(" "))) {
    assert.equal((await call(method, `${path}?x=1&x=2`)).status, 400, path);
  }
  assert.equal((await get(`${id}?x=1`)).id, id);
});

test("the list holds this API's jobs only, newest first, at most 1,000, and goes on after an id", async (t) => {
  const { manager, ask, list } = await start(t);
  await manager.queues.pause("default");
  assert.deepEqual(await list(), []);
  const texts = Array.from({ length: 1_003 }, (_, index) => `text ${index}`);
  const jobs = texts.map((text) => ({ type: "reverse-text", input: { text } }));
  await manager.submitAll(jobs.slice(0, 600));
  await manager.submit({ type: "simple", input: {} });
  await manager.submitAll(jobs.slice(600));
  const newest = texts.toReversed();
  const payloads = (items: readonly Pooled[]) => items.map(({ payload }) => payload);

  const page = await list();
  assert.deepEqual(payloads(page), newest.slice(0, 1_000));
  assert.deepEqual(Object.keys(page[0] ?? {}), ["id", "payload", "status", "created_at", "updated_at"]);
  assert.deepEqual(payloads(await list(`?after=${page.at(-1)?.id}`)), newest.slice(1_000));
  assert.deepEqual(payloads(await list("?limit=3")), newest.slice(0, 3));
  assert.deepEqual(payloads(await list(`?limit=250&after=${page[2]?.id}&unknown=1`)), newest.slice(3, 253));

  const refused: Readonly<Record<string, RegExp>> = {
    "limit=0": /^limit /,
    "limit=1001": /^limit /,
    "limit=-1": /^limit /,
    "limit=ten": /^limit must be a whole number/,
    "limit=": /^limit /,
    "after=7": /^after must be the id of a job/,
    "limit=1&limit=2": /^limit is given more than once/,
  };
  for (const [query, error] of Object.entries(refused)) {
    const answer = await ask<{ readonly error: string }>("GET", `/jobs?${query}`);
    assert.equal(answer.status, 400, query);
    assert.deepEqual(Object.keys(answer.body), ["error"]);
    assert.match(answer.body.error, error);
  }
});

test("a list of long texts ends before it is too long, and goes on after an id", async (t) => {
  const { manager, list } = await start(t);
  await manager.queues.pause("default");
  const texts = Array.from({ length: 300 }, (_, index) => `${index} `.padEnd(65_536, "x"));
  await manager.submitAll(texts.slice(0, 150).map((text) => ({ type: "reverse-text", input: { text } })));
  await manager.submitAll(texts.slice(150).map((text) => ({ type: "reverse-text", input: { text } })));
  const seen: string[] = [];
  let after = "";
  for (;;) {
    const page = await list(after);
    if (page.length === 0) break;
    assert.ok(page.length < 300);
    seen.push(...page.map(({ payload }) => payload));
    after = `?after=${page.at(-1)?.id}`;
  }
  assert.ok(seen.length === 300 && seen.every((payload, index) => payload === texts[299 - index]));
});

test("a full queue answers 429 and stores nothing, and goes on when there is room", async (t) => {
  const { create, ask, list, manager } = await start(t, { manager: { queueLimit: 2 } });
  await manager.queues.pause("default");
  const first = await create("1");
  await create("2");
  const answer = await ask<{ readonly error: string }>("POST", "/jobs", { payload: "3" });
  assert.equal(answer.status, 429);
  assert.deepEqual(Object.keys(answer.body), ["error"]);
  assert.match(answer.body.error, /Nothing was stored/);
  assert.deepEqual(
    (await list()).map(({ payload }) => payload),
    ["2", "1"],
  );
  await ask("POST", `/jobs/${first}/cancel`);
  await create("4");
  assert.deepEqual(
    (await list()).map(({ payload }) => payload),
    ["4", "2", "1"],
  );
});

test("200 creates at the same time are 200 jobs, each of them completed", async (t) => {
  const { create, get, until } = await start(t, { reverseWorkers: 50 });
  const payloads = Array.from({ length: 200 }, (_, index) => `text ${index}`);
  const ids = await Promise.all(payloads.map(create));
  assert.equal(new Set(ids).size, ids.length);
  const jobs = await Promise.all(ids.map(async (id) => (await until(id, "final")) && get(id)));
  assert.deepEqual(
    jobs.map(({ result }) => result),
    payloads.map((payload) => [...payload].reverse().join("")),
  );
});

test("jobs are the same here and in /api/v1, whoever submitted and whoever steers them", async (t) => {
  const { create, ask, call, get, until } = await start(t, { reverseDelayMs: ENDLESS_MS });
  const id = await create("text");
  await until(id, "running");
  assert.equal((await call("POST", `/api/v1/jobs/${id}/pause`)).status, 202);
  await until(id, "paused");
  assert.equal((await get(id)).status, "queued");
  assert.equal((await call("POST", `/api/v1/jobs/${id}/resume`)).status, 202);
  await until(id, "running");
  assert.equal((await get(id)).status, "processing");
  assert.equal((await call("POST", `/api/v1/jobs/${id}/cancel`)).status, 202);
  assert.equal((await get(id)).status, "cancelled");

  const canonical = { type: "reverse-text", input: { text: "made elsewhere" } };
  const made = await call("POST", "/api/v1/jobs", canonical, { "content-type": "application/json" });
  const { id: other } = made.body as Pooled;
  assert.equal((await get(other)).payload, "made elsewhere");
  assert.equal((await ask("POST", `/jobs/${other}/cancel`)).status, 200);
  assert.equal((await until(other, "cancelled")).control?.action, "cancel");
});
