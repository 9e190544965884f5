// Submitting, finding and deleting jobs over HTTP.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job, JobSummary } from "../../src/domain/job.ts";
import type { Page } from "../../src/domain/job-control.ts";
import { assertProblem, serverFor } from "./support.ts";

test("a submitted job is answered with 201, its Location, and the whole job", async (t) => {
  const { call, submit } = await serverFor(t);
  const input = { text: "ä \u2028 </script>", nested: [{ a: null, b: [1, 2.5, true] }], empty: {} };
  const { status, headers, body } = await call("POST", "/api/v1/jobs", {
    type: "echo",
    input,
    key: "k-1",
    labels: { team: "a" },
    priority: 7,
    queue: "slow",
    maxAttempts: 2,
  });
  assert.equal(status, 201);
  assert.equal(headers.get("location"), `/api/v1/jobs/${body.id}`);
  assert.deepEqual(body.input, input);
  assert.deepEqual(
    [body.state, body.key, body.priority, body.queue, body.maxAttempts],
    ["queued", "k-1", 7, "slow", 2],
  );
  assert.deepEqual(body.labels, { team: "a" });
  const again = await call("GET", `/api/v1/jobs/${body.id}`);
  assert.deepEqual(again.body.input, input);
  assert.equal((await submit("echo")).key, null);
});

test("a finished job shows its output as it was returned", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const { id } = await submit("echo", { "a/b": [1, "two", null, { three: 3 }] });
  await manager.waitUntil(id, "succeeded");
  const { body } = await call("GET", `/api/v1/jobs/${id}`);
  assert.deepEqual(body.output, { "a/b": [1, "two", null, { three: 3 }] });
});

test("a failed job shows its error, in the list without its details", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const { id } = await submit("fail");
  await manager.waitUntil(id, "failed");
  const { body } = await call("GET", `/api/v1/jobs/${id}`);
  assert.equal(body.error?.message, "no luck");
  const list = await call<Page<JobSummary>>("GET", "/api/v1/jobs?state=failed");
  assert.deepEqual(Object.keys(list.body.items[0]?.error ?? {}), ["code", "message"]);
  assert.equal(Object.hasOwn(list.body.items[0] ?? {}, "input"), false);
});

test("what is wrong with a submit is told place by place", async (t) => {
  const { call } = await serverFor(t);
  const unknown = assertProblem(
    await call("POST", "/api/v1/jobs", { type: "echo", input: {}, colour: 1 }),
    400,
    "invalid_request",
  );
  assert.deepEqual(unknown.errors, [{ pointer: "/colour", message: "is not known here" }]);
  const missing = assertProblem(await call("POST", "/api/v1/jobs", { type: "echo" }), 400, "invalid_request");
  assert.deepEqual(missing.errors, [{ pointer: "/input", message: "is missing" }]);
  assertProblem(await call("POST", "/api/v1/jobs", { type: "nope", input: {} }), 400, "unknown_job_type");
  const input = assertProblem(
    await call("POST", "/api/v1/jobs", { type: "scribe", input: { lines: "x" } }),
    400,
    "invalid_input",
  );
  assert.deepEqual(input.errors?.map((error) => error.pointer).sort(), ["/file", "/lines"]);
  for (const wrong of [
    { priority: 1.5 },
    { availableAt: "soon" },
    { key: "" },
    { key: "a\u0000b" },
    { labels: { a: 1 } },
    { maxAttempts: 0 },
  ]) {
    const answer = await call("POST", "/api/v1/jobs", { type: "echo", input: {}, ...wrong });
    assertProblem(answer, 400, "invalid_request");
  }
});

test("a key that an unfinished job holds is refused, and the holder is named", async (t) => {
  const { call, submit } = await serverFor(t);
  const holder = await submit("hold", {}, { key: "one" });
  const problem = assertProblem(
    await call("POST", "/api/v1/jobs", { type: "echo", input: {}, key: "one" }),
    409,
    "key_taken",
  );
  assert.equal(problem.holder, holder.id);
});

test("the list is filtered, ordered, and paged without gaps", async (t) => {
  const { call, submit } = await serverFor(t);
  const made: Job[] = [];
  for (let number = 0; number < 7; number += 1) {
    made.push(
      await submit(
        "hold",
        {},
        { queue: number % 2 ? "odd" : "even", key: `job-${number}`, labels: { half: number < 3 ? "a" : "b" } },
      ),
    );
  }
  const list = async (query: string) => (await call<Page<JobSummary>>("GET", `/api/v1/jobs?${query}`)).body;
  const keys = async (query: string) => (await list(query)).items.map((job) => job.key);
  assert.deepEqual(await keys("order=oldest&limit=2"), ["job-0", "job-1"]);
  assert.deepEqual(await keys("queue=odd"), ["job-5", "job-3", "job-1"]);
  assert.deepEqual(await keys("label=half:a&order=oldest"), ["job-0", "job-1", "job-2"]);
  assert.deepEqual(await keys("key=job-4"), ["job-4"]);
  assert.deepEqual(await keys("q=job-&limit=1"), ["job-6"]);
  assert.deepEqual(await keys(`q=${made[2]?.id}`), ["job-2"]);
  assert.deepEqual(await keys("state=succeeded,failed&state=paused"), []);
  assert.deepEqual(await keys("type=echo,hold&queue=odd&limit=1"), ["job-5"]);

  const paged: (string | null)[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<JobSummary> = await list(`limit=3${cursor ? `&cursor=${cursor}` : ""}`);
    paged.push(...page.items.map((job) => job.key));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.deepEqual(paged, made.map((job) => job.key).reverse());
});

test("a query that the list does not know is refused", async (t) => {
  const { call } = await serverFor(t);
  for (const query of [
    "colour=red",
    "limit=0",
    "limit=201",
    "limit=1e2",
    "limit=",
    "state=done",
    "order=up",
    "label=half",
    "cursor=x",
  ]) {
    assertProblem(await call("GET", `/api/v1/jobs?${query}`), 400, "invalid_request");
  }
  assertProblem(await call("GET", "/api/v1/job-types?limit=1"), 400, "invalid_request");
});

test("an unknown job is 404 wherever it is named", async (t) => {
  const { call } = await serverFor(t);
  const id = "019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f";
  for (const name of [id, "x", "..%2F..%2Fetc", "%00"]) {
    assertProblem(await call("GET", `/api/v1/jobs/${name}`), 404, "job_not_found");
  }
  for (const part of ["events", "logs", "artifacts", "artifacts/a.csv", "stream"]) {
    assertProblem(await call("GET", `/api/v1/jobs/${id}/${part}`), 404, "job_not_found");
  }
  assertProblem(await call("POST", `/api/v1/jobs/${id}/pause`), 404, "job_not_found");
  assertProblem(await call("DELETE", `/api/v1/jobs/${id}`), 404, "job_not_found");
});

test("a finished job can be deleted, an unfinished one cannot", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const held = await submit("hold");
  const refused = assertProblem(await call("DELETE", `/api/v1/jobs/${held.id}`), 409, "action_not_allowed");
  assert.ok(refused.state === "queued" || refused.state === "running");
  const { id } = await submit("echo");
  await manager.waitUntil(id, "succeeded");
  const { status, body } = await call("DELETE", `/api/v1/jobs/${id}?force=false`);
  assert.deepEqual([status, body], [204, undefined]);
  assertProblem(await call("GET", `/api/v1/jobs/${id}`), 404, "job_not_found");
});

test("the job types are listed with the schema of their input", async (t) => {
  const { call } = await serverFor(t);
  const { body } = await call<{ items: { name: string; input: { required?: string[] }; canRollback: boolean }[] }>(
    "GET",
    "/api/v1/job-types",
  );
  assert.deepEqual(body.items.map((type) => type.name).sort(), ["echo", "fail", "hold", "scribe", "swallow"]);
  const swallow = body.items.find((type) => type.name === "swallow");
  assert.deepEqual(swallow?.input.required, ["file", "dataset"]);
  assert.equal(body.items.find((type) => type.name === "hold")?.canRollback, true);
});
