// Earlier API 1 as its clients meet it: start and stop by id, in plain text.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { UNFINISHED_STATES } from "../../../src/domain/lifecycle.ts";
import { defineJob } from "../../../src/index.ts";
import { waitFor } from "../../support/wait-for.ts";
import { createGate, createManualClock } from "../support.ts";
import { type CompatServerOptions, compatServerFor, ENDLESS_MS } from "./support.ts";

const BAD_ID = "The job id is missing, or is none: it must be 1 to 64 letters, digits, _, - or .";
const started = (id: string) => [200, `Job id: ${id} has been started`];
const already = (id: string) => [200, `Already started job id: ${id}`];
const canceled = (id: string) => [200, `Job id: ${id} has been canceled`];
const notRunning = (id: string) => [200, `Job id: ${id} is not running`];

/** A server, and API 1 on it in short: status and text. */
async function start(t: TestContext, options: CompatServerOptions = {}) {
  const pawl = await compatServerFor(t, options);
  const ask = async (path: string, method = "GET") => {
    const { status, body } = await pawl.call(method, path);
    return [status, body];
  };
  const holdersOf = async (key: string) => (await pawl.manager.list({ key })).items;
  return { ...pawl, ask, holdersOf };
}

test("a job starts once, ticks on the terminal and in its log, and stops", async (t) => {
  const { ask, holdersOf, printed, manager, until } = await start(t);
  assert.deepEqual(await ask("/stop?id=a"), notRunning("a"));
  assert.deepEqual(await ask("/start?id=a"), started("a"));
  await waitFor(async () => printed.length > 0, { what: "the first line" });
  assert.deepEqual(await ask("/start?id=a"), already("a"));
  assert.deepEqual(await ask("/stop?id=a"), canceled("a"));
  assert.deepEqual(await ask("/stop?id=a"), notRunning("a"));
  const [job, ...others] = await holdersOf("a");
  assert.ok(job && others.length === 0);
  assert.equal((await until(job.id, "final")).state, "cancelled");
  assert.deepEqual([job.type, job.key], ["ticker", "a"]);
  assert.deepEqual([...new Set(printed)], ["Doing job id a", "Cancelling job id a"]);
  assert.equal(printed.filter((line) => line.startsWith("Cancelling")).length, 1);
  const lines = (await manager.logs(job.id)).map(({ message }) => message);
  assert.deepEqual(lines, printed);
});

test("any of GET and POST does, whatever a POST brings along, and unknown parameters are passed over", async (t) => {
  const { call } = await start(t);
  const ask = async (...request: Parameters<typeof call>) => {
    const { status, body } = await call(...request);
    return [status, body];
  };
  const types = ["application/x-www-form-urlencoded", "application/json", "nonsense", "multipart/form-data"];
  for (const [index, type] of types.entries()) {
    const headers = { "content-type": type };
    const id = `p${index}`;
    assert.deepEqual(await ask("POST", `/start?id=${id}&verbose=1`, "{ no JSON", headers), started(id), type);
    assert.deepEqual(await ask("POST", `/stop?verbose=1&id=${id}`, "id=other", headers), canceled(id), type);
  }
  assert.deepEqual(await ask("POST", "/start?id=q"), started("q"));
  assert.deepEqual(await ask("GET", "/stop?id=q"), canceled("q"));
});

test("replies are plain text that nothing keeps, and point to what takes their place", async (t) => {
  const { call, holdersOf } = await start(t);
  const first = await call("GET", "/start?id=a");
  const [job] = await holdersOf("a");
  const answers = [
    first,
    await call("GET", "/start?id="),
    await call("POST", "/stop?id=a"),
    await call("GET", "/stop"),
  ];
  const links = ["/api/v1/jobs", "/api/v1/jobs", `/api/v1/jobs/${job?.id}/cancel`, "/api/v1/jobs"];
  for (const [index, { headers }] of answers.entries()) {
    assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(headers.get("deprecation") ?? "", /^@\d{10}$/);
    assert.equal(headers.get("link"), `<${links[index]}>; rel="successor-version"`);
  }
});

test("a start directly after the stop starts anew, as often as you like", async (t) => {
  const { ask, holdersOf, printed, until } = await start(t);
  for (let round = 0; round < 5; round += 1) {
    assert.deepEqual(await ask("/start?id=a"), started("a"));
    await waitFor(async () => printed.length > 2 * round, { what: "a line" });
    assert.deepEqual(await ask("/stop?id=a"), canceled("a"));
  }
  const jobs = await holdersOf("a");
  assert.equal(jobs.length, 5);
  for (const { id } of jobs) assert.equal((await until(id, "final")).state, "cancelled");
  assert.deepEqual(printed, Array(5).fill(["Doing job id a", "Cancelling job id a"]).flat());
});

test("of many starts at once one starts, and of many stops at once one stops", async (t) => {
  const { ask, holdersOf } = await start(t);
  const many = (path: string) => Promise.all(Array.from({ length: 30 }, () => ask(path)));
  for (let round = 0; round < 3; round += 1) {
    const starts = await many("/start?id=a");
    assert.deepEqual(starts.map(String).sort(), [started("a"), ...Array(29).fill(already("a"))].map(String).sort());
    assert.equal((await holdersOf("a")).length, round + 1);
    const stops = await many("/stop?id=a");
    assert.deepEqual(stops.map(String).sort(), [canceled("a"), ...Array(29).fill(notRunning("a"))].map(String).sort());
  }
});

test("a missing or bad id is 400 and stores nothing", async (t) => {
  const { ask, manager } = await start(t);
  const bad = [
    "",
    "?",
    "?id",
    "?id=",
    "?ID=a",
    `?id=${"x".repeat(65)}`,
    "?id=a%2Fb",
    "?id=a%20b",
    "?id=a+b",
    "?id=a%00",
    "?id=a%0AInjected",
    "?id=%C3%A4",
    "?id=%F0%9F%98%80",
    "?id=a&id=b",
    "?id=a&id=a",
    "?id[]=a",
    "?id=%3Cscript%3E",
    "?id=%",
    "?id=%E0%A4",
    "?id=a&x=1&x=2",
  ];
  for (const query of bad) {
    for (const path of ["/start", "/stop"]) {
      for (const method of ["GET", "POST"]) assert.deepEqual(await ask(path + query, method), [400, BAD_ID], query);
    }
  }
  assert.deepEqual((await manager.list()).items, []);
});

test("every character that an id may have works, in an id of the greatest length", async (t) => {
  const { ask } = await start(t);
  for (const id of [
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.abcdefghijklmnopqrstuvwxy",
    ".",
    "-",
    "__proto__",
    "constructor",
  ]) {
    assert.deepEqual(await ask(`/start?id=${id}`), started(id));
    assert.deepEqual(await ask(`/stop?id=${id}`), canceled(id));
  }
});

test("ids are cheap, but not without bound: a full queue is 429, and nothing is stored", async (t) => {
  const { ask, manager } = await start(t, { manager: { concurrency: 2, queueLimit: 5 } });
  const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => ask(`/start?id=j${index}`)));
  const stored = (await manager.list({ state: UNFINISHED_STATES, limit: 200 })).items;
  const full = answers.filter(([status]) => status === 429);
  assert.equal(answers.filter(([status]) => status === 200).length, stored.length);
  assert.equal(full.length, 60 - stored.length);
  assert.ok(stored.length <= 2 + 5 + 1, `${stored.length} are stored`);
  for (const [, text] of full) assert.match(String(text), /^Job id: j\d+ was not started, because the queue is full$/);
  const [waiting] = stored.filter(({ state }) => state === "queued");
  assert.deepEqual(await ask(`/start?id=${waiting?.key}`), already(String(waiting?.key)), "it stands, full or not");
  assert.deepEqual(await ask(`/stop?id=${waiting?.key}`), canceled(String(waiting?.key)));
});

test("a key that a job of another type holds is 409, and that job is left alone", async (t) => {
  const { ask, manager } = await start(t);
  const other = await manager.submit({ type: "simple", input: { stepMs: ENDLESS_MS }, key: "a" });
  assert.deepEqual(await ask("/start?id=a"), [409, "Job id: a is the key of another job, of the type simple"]);
  assert.deepEqual(await ask("/stop?id=a"), notRunning("a"));
  assert.equal((await manager.get(other.id))?.control, null);
});

test("a job is one whether it is steered from here or from the API of today", async (t) => {
  const { ask, call, holdersOf, until } = await start(t);
  await ask("/start?id=a");
  const [job] = await holdersOf("a");
  const place = `/api/v1/jobs/${job?.id}`;
  assert.equal((await call("GET", place)).status, 200);
  assert.equal((await call("POST", `${place}/pause`)).status, 202);
  await until(String(job?.id), "paused");
  assert.deepEqual(await ask("/start?id=a"), already("a"), "a paused job has not ended");
  assert.equal((await call("POST", `${place}/cancel`)).status, 202);
  assert.deepEqual(await ask("/stop?id=a"), notRunning("a"));
  const own = { type: "ticker", key: "b", input: {} };
  const json = { "content-type": "application/json" };
  assert.equal((await call("POST", "/api/v1/jobs", own, json)).status, 201);
  assert.deepEqual(await ask("/start?id=b"), already("b"));
  assert.deepEqual(await ask("/stop?id=b"), canceled("b"));
});

/** A ticker that does not let go before its gate opens. */
function stubborn() {
  const gate = createGate();
  const ticker = defineJob({
    type: "ticker",
    input: z.record(z.string(), z.json()),
    async run(job) {
      await gate.passed;
      await job.checkpoint();
    },
  });
  return { gate, ticker };
}

/** Answered when what was asked before has come as far as it does by itself, since the store answers in order. */
async function afterThat(ask: (path: string) => Promise<unknown>): Promise<void> {
  for (let other = 0; other < 3; other += 1) await ask("/stop?id=other");
}

test("a start waits only so long for the job that is being stopped", async (t) => {
  const { gate, ticker } = stubborn();
  const clock = createManualClock();
  const { ask, holdersOf, until } = await start(t, { replaced: [ticker], server: { clock } });
  await ask("/start?id=a");
  const [job] = await holdersOf("a");
  await until(String(job?.id), "running");
  assert.deepEqual(await ask("/stop?id=a"), canceled("a"));
  assert.deepEqual(await ask("/stop?id=a"), notRunning("a"), "a requested stop counts");
  const again = ask("/start?id=a");
  let answered = false;
  void again.then(() => {
    answered = true;
  });
  await afterThat(ask);
  clock.advance(4_999);
  await afterThat(ask);
  assert.equal(answered, false);
  clock.advance(1);
  assert.deepEqual(await again, [409, "Job id: a is still being canceled. Start it again in a moment"]);
  gate.open();
  await until(String(job?.id), "final");
  assert.deepEqual(await ask("/start?id=a"), started("a"));
});

test("a start that waits does not hold up the end of the server", async (t) => {
  const { gate, ticker } = stubborn();
  const clock = createManualClock();
  const { ask, holdersOf, until, server } = await start(t, { replaced: [ticker], server: { clock } });
  await ask("/start?id=a");
  const [job] = await holdersOf("a");
  await until(String(job?.id), "running");
  await ask("/stop?id=a");
  const again = ask("/start?id=a");
  await afterThat(ask);
  const closing = server.close();
  assert.deepEqual(await again, [409, "Job id: a is still being canceled. Start it again in a moment"]);
  clock.advance(100);
  await closing;
  gate.open();
});
