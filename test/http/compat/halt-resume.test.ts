// Earlier API 3 as its clients meet it: what they submit, and what they are told of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EXPORT, NO_JOB, refusal, STEERINGS, type Steered, start, success } from "./halt-resume-support.ts";
import { ENDLESS_MS } from "./support.ts";

test("a Simple needs no args, runs, and is Completed", async (t) => {
  const { ask, until } = await start(t);
  for (const body of [{ Type: "Simple" }, { Type: "Simple", args: {} }, { Type: "Simple", args: null }]) {
    const answer = await ask("POST", "/submit", body);
    const { jobID } = answer.body;
    assert.deepEqual(answer, success(jobID));
    assert.match(jobID, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal((await until(jobID, "final")).state, "succeeded");
    assert.deepEqual(await ask("GET", `/details/${jobID}`), success(jobID, { jobID, status: "Completed" }));
  }
});

test("an Export takes days in both forms and keys in any letter case, and tells its range in its own form", async (t) => {
  const { submit, ask, manager, until } = await start(t);
  const bodies = [
    EXPORT,
    { type: "Export", ARGS: { FROM_DATE: "2019-01-30", To_Date: "2019-02-02" } },
    { tYPE: "Export", Args: { from_date: "2019-jan-30", TO_DATE: "2019-FEB-02" } },
  ];
  for (const body of bodies) {
    const jobID = await submit(body);
    await until(jobID, "succeeded");
    const job = await manager.get(jobID);
    assert.deepEqual([job?.type, job?.input], ["day-export", { from: "2019-01-30", to: "2019-02-02" }]);
    const details = { jobID, status: "Completed", from_date: "2019-Jan-30", to_date: "2019-Feb-02" };
    assert.deepEqual(await ask("GET", `/details/${jobID}`), success(jobID, details));
  }
});

test("a finished Export is Completed, holds both ends of its range, and stays so: nothing goes on running", async (t) => {
  const { submit, url, manager, statusOf, until } = await start(t);
  const id = await submit(EXPORT);
  await until(id, "succeeded");
  const file = await (await fetch(`${url}/api/v1/jobs/${id}/artifacts/days.csv`)).text();
  assert.deepEqual(
    file
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[0]),
    ["2019-01-30", "2019-01-31", "2019-02-01", "2019-02-02"],
  );
  const before = await manager.get(id);
  assert.equal((await manager.list({ state: ["running"] })).items.length, 0);
  assert.equal(await statusOf(id), "Completed");
  assert.deepEqual(await manager.get(id), before);
});

test("a submit that says something else is refused in this API's words, and nothing is stored", async (t) => {
  const { ask, manager } = await start(t);
  const day = { from_date: "2019-Jan-01", to_date: "2019-Feb-01" };
  const nested = JSON.parse(`${'{"args":'.repeat(40)}1${"}".repeat(40)}`);
  const refused: readonly (readonly [body: unknown, error: string])[] = [
    [{}, "Invalid Job Type"],
    [{ args: day }, "Invalid Job Type"],
    [{ Type: "simple" }, "Invalid Job Type"],
    [{ Type: "Import", args: day }, "Invalid Job Type"],
    [{ Type: ["Simple"] }, "Invalid Job Type"],
    [{ Type: null }, "Invalid Job Type"],
    [{ Type: "Export" }, "Invalid from_date format"],
    [{ Type: "Export", args: null }, "Invalid from_date format"],
    [{ Type: "Export", args: {} }, "Invalid from_date format"],
    [{ Type: "Export", args: { ...day, from_date: 20190101 } }, "Invalid from_date format"],
    [{ Type: "Export", args: { ...day, from_date: "01-Jan-2019" } }, "Invalid from_date format"],
    [{ Type: "Export", args: { ...day, from_date: "2019-Jän-01" } }, "Invalid from_date format"],
    [{ Type: "Export", args: { ...day, from_date: "2019-Feb-29" } }, "Invalid from_date format"],
    [{ Type: "Export", args: { ...day, from_date: "2019-Jan-01\n" } }, "Invalid from_date format"],
    [{ Type: "Export", args: { from_date: "x", to_date: "y" } }, "Invalid from_date format"],
    [{ Type: "Export", args: { from_date: "2019-Jan-01" } }, "Invalid to_date format"],
    [{ Type: "Export", args: { ...day, to_date: "2019-13-01" } }, "Invalid to_date format"],
    [{ Type: "Export", args: { ...day, to_date: "" } }, "Invalid to_date format"],
    [{ Type: "Export", args: { from_date: "2019-Feb-01", to_date: "2019-Jan-31" } }, "Invalid Job request format"],
    [{ Type: "Export", args: { from_date: "0001-Jan-01", to_date: "9999-Dec-31" } }, "Invalid Job request format"],
    [{ Type: "Export", args: [] }, "Invalid Job request format"],
    [{ Type: "Simple", args: "2019" }, "Invalid Job request format"],
    [undefined, "Invalid Job request format"],
    ["", "Invalid Job request format"],
    ['{"Type":"Simple"', "Invalid Job request format"],
    ["Type=Simple", "Invalid Job request format"],
    ["[]", "Invalid Job request format"],
    ["null", "Invalid Job request format"],
    ["7", "Invalid Job request format"],
    [`"Simple"`, "Invalid Job request format"],
    ['{"Type":"Simple","__proto__":{}}', "Invalid Job request format"],
    [{ Type: "Simple", ...nested }, "Invalid Job request format"],
  ];
  for (const [body, error] of refused) {
    assert.deepEqual(await ask("POST", "/submit", body), refusal(400, "", error), JSON.stringify(body));
  }
  assert.deepEqual((await manager.list()).items, []);
});

test("a body is read as JSON whatever its Content-Type says, and members that nobody knows are passed over", async (t) => {
  const { call, until } = await start(t);
  const body = JSON.stringify({ Type: "Simple", priority: 9, "no one": { knows: [1] } });
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data",
    "?",
  ]) {
    const answer = await call("POST", "/submit", body, { "content-type": type });
    assert.equal(answer.status, 200, type);
    await until((answer.body as Steered).jobID, "succeeded");
  }
});

test("a full queue answers 429 and stores nothing", async (t) => {
  const { submit, ask, manager } = await start(t, { manager: { queueLimit: 2 } });
  await manager.queues.pause("default");
  await submit({ Type: "Simple" });
  await submit(EXPORT);
  const answer = await ask("POST", "/submit", EXPORT);
  assert.equal(answer.status, 429);
  assert.deepEqual(Object.keys(answer.body), ["jobID", "error"]);
  assert.equal(answer.body.jobID, "");
  assert.match(answer.body.error ?? "", /Nothing was stored/);
  assert.equal((await manager.list()).items.length, 2);
});

test("200 submits at the same time are 200 jobs, each of them done", async (t) => {
  const { submit, until } = await start(t);
  const bodies = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? { Type: "Simple" } : EXPORT));
  const ids = await Promise.all(bodies.map(submit));
  assert.equal(new Set(ids).size, ids.length);
  const states = await Promise.all(ids.map(async (id) => (await until(id, "final")).state));
  assert.deepEqual([...new Set(states)], ["succeeded"]);
});

test("an id that is unknown, malformed or of another kind of job is no JobID", async (t) => {
  const { ask, manager, until } = await start(t, { reverseDelayMs: ENDLESS_MS });
  const other = await manager.submit({ type: "reverse-text", input: { text: "text" } });
  await until(other.id, "running");
  const ids = [
    NO_JOB,
    other.id,
    "7",
    "nope",
    "a".repeat(300),
    "%00",
    "..%2f..%2fetc",
    "%27%20OR%201=1--",
    "%F0%9F%90%BE",
  ];
  for (const id of ids) {
    const refused = refusal(404, decodeURIComponent(id), "Invalid JobID");
    assert.deepEqual(await ask("GET", `/details/${id}`), refused);
    for (const steering of STEERINGS) {
      for (const method of ["GET", "POST"]) assert.deepEqual(await ask(method, `/${steering}/${id}`), refused);
    }
  }
  assert.equal((await manager.get(other.id))?.state, "running");
});

test("a query parameter that is given twice is refused, one that nobody knows is passed over", async (t) => {
  const { running, ask, call, manager, statusOf } = await start(t);
  const id = await running();
  const before = await manager.history(id);
  for (const route of ["details", ...STEERINGS]) {
    assert.equal((await call("GET", `/${route}/${id}?x=1&x=2`)).status, 400);
  }
  const refused = refusal(400, "", "Invalid Job request format");
  assert.deepEqual(await ask("POST", "/submit?x=1&x=2", { Type: "Simple" }), refused);
  assert.deepEqual(await manager.history(id), before);
  assert.equal(await statusOf(`${id}?x=1`), "Running");
});

test("jobs are the same here and in /api/v1, whoever submitted and whoever steers them", async (t) => {
  const { submit, ask, call, statusOf, manager, until } = await start(t, { dayMs: ENDLESS_MS });
  const id = await submit(EXPORT);
  await until(id, "running");
  assert.equal((await call("POST", `/api/v1/jobs/${id}/pause`)).status, 202);
  assert.equal(await statusOf(id), "Halted");
  await until(id, "paused");
  assert.deepEqual(await ask("GET", `/resume/${id}`), success(id));
  await until(id, "running");
  assert.equal((await call("POST", `/api/v1/jobs/${id}/cancel`)).status, 202);
  assert.equal(await statusOf(id), "Stopped");
  await until(id, "final");
  const kinds = (await manager.history(id)).map(({ kind }) => kind);
  assert.deepEqual(kinds.slice(0, 6), ["submit", "claim", "pause", "halt", "resume", "claim"]);

  const canonical = { type: "day-export", input: { from: "2020-02-29", to: "2020-03-01" } };
  const made = (await call("POST", "/api/v1/jobs", canonical, { "content-type": "application/json" })).body;
  const { id: jobID } = made as { readonly id: string };
  assert.deepEqual(await ask("GET", `/halt/${jobID}`), success(jobID));
  const details = { jobID, status: "Halted", from_date: "2020-Feb-29", to_date: "2020-Mar-01" };
  assert.deepEqual(await ask("GET", `/details/${jobID}`), success(jobID, details));
  assert.equal((await until(jobID, "paused")).control?.action, "pause");
});

test("a browser that is sent to a changing GET is asked first, and nothing has happened", async (t) => {
  const { running, call, manager } = await start(t);
  const id = await running();
  const before = await manager.history(id);
  for (const steering of STEERINGS) {
    const answer = await call("GET", `/${steering}/${id}`, undefined, {
      "sec-fetch-mode": "navigate",
      accept: "text/html",
    });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/html/);
    assert.ok(String(answer.body).includes(id));
    assert.equal((await call("HEAD", `/${steering}/${id}`)).status, 405);
  }
  assert.deepEqual(await manager.history(id), before);
});

test("every reply says that it is deprecated and what takes its place", async (t) => {
  const { running, call } = await start(t);
  const id = await running();
  const successors = { details: "", halt: "/pause", resume: "/resume", stop: "/cancel" };
  for (const [route, action] of Object.entries(successors)) {
    const { headers } = await call("GET", `/${route}/${id}`);
    assert.equal(headers.get("link"), `</api/v1/jobs/${id}${action}>; rel="successor-version"`);
    assert.match(headers.get("deprecation") ?? "", /^@\d+$/);
    assert.equal(headers.get("cache-control"), "no-store");
  }
  assert.match((await call("POST", "/submit", {})).headers.get("link") ?? "", /^<\/api\/v1\/jobs>/);
});
