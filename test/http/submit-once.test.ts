// Submits that may be repeated, submits that go together, and what changes a job that waits.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job, JobSummary } from "../../src/domain/job.ts";
import type { Page } from "../../src/domain/job-control.ts";
import { assertProblem, serverFor } from "./support.ts";

const LATER = "2999-01-01T00:00:00.000Z";
const keyed = (key: string) => ({ "idempotency-key": key });

test("a submit that is sent again with its key answers the same job", async (t) => {
  const { call } = await serverFor(t);
  const body = { type: "echo", input: { a: 1 } };
  const first = await call("POST", "/api/v1/jobs", body, keyed("order 4711"));
  const second = await call("POST", "/api/v1/jobs", body, keyed("order 4711"));
  assert.deepEqual([first.status, second.status], [201, 200]);
  assert.equal(second.body.id, first.body.id);
  assert.equal(second.headers.get("location"), `/api/v1/jobs/${first.body.id}`);
});

test("many at once with one key are one job", async (t) => {
  const { call } = await serverFor(t);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => call("POST", "/api/v1/jobs", { type: "echo", input: {} }, keyed("k"))),
  );
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array<number>(19).fill(200), 201]);
});

test("the key of another request is refused, and nothing is stored", async (t) => {
  const { call } = await serverFor(t);
  await call("POST", "/api/v1/jobs", { type: "echo", input: { a: 1 } }, keyed("k"));
  assertProblem(
    await call("POST", "/api/v1/jobs", { type: "echo", input: { a: 2 } }, keyed("k")),
    422,
    "idempotency_conflict",
  );
  assert.equal((await call<Page<JobSummary>>("GET", "/api/v1/jobs")).body.items.length, 1);
});

test("a key that is none is refused", async (t) => {
  const { call } = await serverFor(t);
  for (const key of ["x".repeat(201), "é"]) {
    assertProblem(await call("POST", "/api/v1/jobs", { type: "echo", input: {} }, keyed(key)), 400, "invalid_request");
  }
});

test("a form that is sent again with its key is the same job, and its files are stored once", async (t) => {
  const { url } = await serverFor(t);
  const send = async (text: string, job: object = { type: "swallow", input: { dataset: text } }) => {
    const form = new FormData();
    form.set("job", JSON.stringify(job));
    form.set("file", new File([text], "a.csv", { type: "text/csv" }));
    const response = await fetch(`${url}/api/v1/jobs`, { method: "POST", body: form, headers: keyed("form") });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Job };
  };
  const first = await send("one");
  const second = await send("one");
  assert.deepEqual([first.status, second.status], [201, 200], JSON.stringify(second.body));
  assert.equal(second.body.id, first.body.id);
  const reordered = await send("one", { input: { dataset: "one" }, type: "swallow" });
  assert.deepEqual([reordered.status, reordered.body.id], [200, first.body.id]);
  assertProblem(await send("two"), 422, "idempotency_conflict");
});

test("submits of one window become one job", async (t) => {
  const { call } = await serverFor(t);
  const send = (n: number) =>
    call("POST", "/api/v1/jobs", {
      type: "echo",
      input: { n },
      dedupe: { key: "customer 7", windowMs: 3_600_000, mode: "debounce" },
    });
  const first = await send(1);
  const second = await send(2);
  assert.deepEqual([first.status, second.status], [201, 200]);
  assert.equal(second.body.id, first.body.id);
  assert.deepEqual(second.body.input, { n: 2 });
});

test("a batch is stored whole, in order", async (t) => {
  const { call } = await serverFor(t);
  const jobs = Array.from({ length: 1_000 }, (_, n) => ({ type: "echo", input: { n } }));
  const { status, body } = await call<{ jobs: Job[] }>("POST", "/api/v1/jobs/batch", { jobs });
  assert.equal(status, 201);
  assert.deepEqual(
    body.jobs.map(({ input }) => (input as { n: number }).n),
    jobs.map(({ input }) => input.n),
  );
});

test("a batch with one member that is refused stores nothing, and names the member", async (t) => {
  const { call } = await serverFor(t);
  const good = { type: "echo", input: {} };
  const cases = [
    [{ type: "nobody", input: {} }, 400, "unknown_job_type"],
    [{ type: "scribe", input: { lines: "x", file: "a" } }, 400, "invalid_input"],
  ] as const;
  for (const [bad, status, code] of cases) {
    const answer = await call("POST", "/api/v1/jobs/batch", { jobs: [good, bad] });
    assert.match(JSON.stringify(assertProblem(answer, status, code)), /\/jobs\/1|jobs\[1\]|member 1|job 1/i);
  }
  const taken = { ...good, key: "twice" };
  assertProblem(await call("POST", "/api/v1/jobs/batch", { jobs: [taken, taken] }), 409, "key_taken");
  assertProblem(await call("POST", "/api/v1/jobs/batch", { jobs: [] }), 400, "invalid_request");
  assert.equal((await call<Page<JobSummary>>("GET", "/api/v1/jobs")).body.items.length, 0);
});

test("a job that waits can be changed, and run now", async (t) => {
  const { call, submit, manager } = await serverFor(t);
  const { id } = await submit("echo", { a: 1 }, { availableAt: LATER });
  const change = { priority: 7, labels: { team: "red" }, input: { a: 2 }, maxAttempts: 5, reason: "typo" };
  const { status, body } = await call("PATCH", `/api/v1/jobs/${id}`, change);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(
    [body.priority, body.labels, body.input, body.maxAttempts, body.state, body.availableAt],
    [7, { team: "red" }, { a: 2 }, 5, "queued", LATER],
  );
  const found = await call<Page<JobSummary>>("GET", "/api/v1/jobs?label=team:red");
  assert.deepEqual(
    found.body.items.map((job) => job.id),
    [id],
  );
  await call("PATCH", `/api/v1/jobs/${id}`, { availableAt: "2020-01-01T00:00:00Z" });
  assert.deepEqual((await manager.waitUntil(id, "final")).output, { a: 2 });
});

test("a job that runs or is done cannot be changed, and a change that is wrong changes nothing", async (t) => {
  const { call, submit, manager } = await serverFor(t);
  const done = await submit("echo");
  await manager.waitUntil(done.id, "final");
  assertProblem(await call("PATCH", `/api/v1/jobs/${done.id}`, { priority: 1 }), 409, "action_not_allowed");
  assertProblem(await call("PATCH", "/api/v1/jobs/nobody", { priority: 1 }), 404, "job_not_found");
  const waiting = await submit("scribe", { lines: 1, file: "a" }, { availableAt: LATER });
  const path = `/api/v1/jobs/${waiting.id}`;
  assertProblem(await call("PATCH", path, { input: { lines: "x" } }), 400, "invalid_input");
  for (const change of [{}, { reason: "x" }, { state: "succeeded" }, { priority: 0.5 }, { availableAt: "soon" }]) {
    assertProblem(await call("PATCH", path, change), 400, "invalid_request");
  }
  const { control: _, ...now } = (await call("GET", path)).body;
  const { control: __, ...before } = waiting;
  assert.deepEqual(now, before);
});
