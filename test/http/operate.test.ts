// What operators use: bulk actions, queues, schedules, figures.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BulkAnswer } from "../../src/domain/job-control.ts";
import type { Queue } from "../../src/domain/queue.ts";
import type { Schedule } from "../../src/domain/schedule.ts";
import type { Stats, WorkerInfo } from "../../src/domain/stats.ts";
import { assertProblem, serverFor, type TestServer } from "./support.ts";

const LATER = "2999-01-01T00:00:00.000Z";

async function queueOf({ call }: TestServer, name: string): Promise<Queue | undefined> {
  const { body } = await call<{ items: Queue[] }>("GET", "/api/v1/queues");
  return body.items.find((queue) => queue.name === name);
}

test("a bulk action is counted first, and then done, for what its filter names", async (t) => {
  const { call, submit, manager } = await serverFor(t);
  const waiting = await Promise.all(Array.from({ length: 5 }, () => submit("hold", {}, { availableAt: LATER })));
  const other = await submit("echo", {}, { availableAt: LATER });
  const done = await submit("echo");
  await manager.waitUntil(done.id, "final");
  const send = (more: object) =>
    call<BulkAnswer>("POST", "/api/v1/bulk-actions", { action: "cancel", reason: "wrong date", ...more });
  const dry = await send({ filter: { type: "hold" }, dryRun: true });
  assert.deepEqual([dry.status, dry.body], [202, { matched: 5, requested: 5, refused: 0 }]);
  assert.equal((await manager.get(waiting[0]?.id ?? ""))?.state, "queued");
  assert.deepEqual((await send({ filter: { type: "hold" } })).body, { matched: 5, requested: 5, refused: 0 });
  for (const { id } of waiting) {
    const job = await manager.get(id);
    assert.deepEqual([job?.state, job?.control?.reason], ["cancelled", "wrong date"]);
  }
  assert.equal((await manager.get(other.id))?.state, "queued");
  assert.deepEqual((await send({ filter: { type: ["echo"] } })).body, { matched: 2, requested: 1, refused: 1 });
});

test("a bulk action without a filter is refused: nobody stops everything by leaving something out", async (t) => {
  const { call } = await serverFor(t);
  for (const body of [
    { action: "cancel" },
    { action: "cancel", filter: {} },
    { action: "cancel", filter: { state: [] } },
    { action: "destroy", filter: { type: "hold" } },
    { action: "cancel", filter: { typ: "hold" } },
  ]) {
    assertProblem(await call("POST", "/api/v1/bulk-actions", body), 400, "invalid_request");
  }
});

test("a paused queue starts nothing, and goes on when it is resumed", async (t) => {
  const http = await serverFor(t);
  const { call, submit, manager } = http;
  const paused = await call<Queue>("POST", "/api/v1/queues/imports/pause", { reason: "partner is down" });
  assert.equal(paused.status, 200);
  assert.equal(paused.body.paused?.reason, "partner is down");
  const { id } = await submit("echo", {}, { queue: "imports" });
  const other = await submit("echo");
  await manager.waitUntil(other.id, "succeeded");
  assert.equal((await manager.get(id))?.state, "queued");
  assert.equal((await queueOf(http, "imports"))?.waiting, 1);
  await call("POST", "/api/v1/queues/imports/resume");
  await manager.waitUntil(id, "succeeded");
  assert.equal((await queueOf(http, "imports"))?.paused, null);
});

test("a queue runs as many jobs as its limit says", async (t) => {
  const http = await serverFor(t);
  const { call, submit, manager } = http;
  const limited = await call<Queue>("PATCH", "/api/v1/queues/narrow", { concurrency: 1 });
  assert.deepEqual([limited.status, limited.body.concurrency], [200, 1]);
  const first = await submit("hold", {}, { queue: "narrow" });
  const second = await submit("hold", {}, { queue: "narrow" });
  await manager.waitUntil(first.id, "running");
  assert.deepEqual([(await queueOf(http, "narrow"))?.running, (await queueOf(http, "narrow"))?.waiting], [1, 1]);
  assert.equal((await manager.get(second.id))?.state, "queued");
  await call("POST", `/api/v1/jobs/${first.id}/cancel`, { rollback: false });
  await manager.waitUntil(second.id, "running");
  for (const change of [{}, { concurrency: 0 }, { concurrency: 1.5 }, { rateLimit: { max: 1 } }, { paused: true }]) {
    assertProblem(await call("PATCH", "/api/v1/queues/narrow", change), 400, "invalid_request");
  }
});

test("a schedule is made, shown with its next firings, changed and deleted", async (t) => {
  const { call } = await serverFor(t);
  const made = await call<Schedule>("POST", "/api/v1/schedules", {
    name: "nightly",
    cron: "30 2 * * *",
    timeZone: "Europe/Berlin",
    type: "echo",
    input: { a: 1 },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.equal(made.headers.get("location"), "/api/v1/schedules/nightly");
  assert.equal(made.body.upcoming.length, 5);
  assert.equal(made.body.nextAt, made.body.upcoming[0]);
  assert.deepEqual([made.body.overlap, made.body.missed, made.body.paused], ["skip", "one", false]);
  const listed = await call<{ items: Schedule[] }>("GET", "/api/v1/schedules");
  assert.deepEqual(listed.body.items, [made.body]);
  const edited = await call<Schedule>("PATCH", "/api/v1/schedules/nightly", { paused: true, cron: "0 3 * * *" });
  assert.deepEqual([edited.status, edited.body.paused, edited.body.cron], [200, true, "0 3 * * *"]);
  assert.equal((await call("DELETE", "/api/v1/schedules/nightly")).status, 204);
  assertProblem(await call("GET", "/api/v1/schedules/nightly"), 404, "not_found");
  assertProblem(await call("DELETE", "/api/v1/schedules/nightly"), 404, "not_found");
});

test("a schedule that is wrong is refused, with what is wrong", async (t) => {
  const { call } = await serverFor(t);
  const good = { name: "s", cron: "* * * * *", type: "echo", input: {} };
  await call("POST", "/api/v1/schedules", { ...good, paused: true });
  assertProblem(await call("POST", "/api/v1/schedules", good), 409, "name_taken");
  const cases = [
    [{ cron: "61 * * * *" }, "invalid_request", /cron/],
    [{ cron: "0 0 30 2 *" }, "invalid_request", /never/],
    [{ timeZone: "Europe/Atlantis" }, "invalid_request", /Europe\/Atlantis/],
    [{ type: "nobody" }, "unknown_job_type", /nobody/],
    [{ type: "scribe" }, "invalid_input", /lines/],
    [{ name: "a b" }, "invalid_request", /name/],
  ] as const;
  for (const [change, code, detail] of cases) {
    const problem = assertProblem(
      await call("POST", "/api/v1/schedules", { ...good, name: "other", ...change }),
      400,
      code,
    );
    assert.match(JSON.stringify(problem), detail);
  }
  assert.equal((await call<{ items: Schedule[] }>("GET", "/api/v1/schedules")).body.items.length, 1);
});

test("figures count jobs by state, type and queue, and name the oldest that waits", async (t) => {
  const { call, submit, manager } = await serverFor(t);
  const done = await submit("echo");
  await manager.waitUntil(done.id, "final");
  await call("PATCH", "/api/v1/queues/slow", { concurrency: 1 });
  const running = await submit("hold", {}, { queue: "slow" });
  await manager.waitUntil(running.id, "running");
  const waiting = await submit("echo", {}, { queue: "slow" });
  const { status, body } = await call<Stats>("GET", "/api/v1/stats");
  assert.equal(status, 200);
  assert.deepEqual([body.states.succeeded, body.states.queued, body.states.failed], [1, 1, 0]);
  assert.deepEqual(body.types, [
    { type: "echo", states: { queued: 1, succeeded: 1 } },
    { type: "hold", states: { running: 1 } },
  ]);
  assert.deepEqual(body.queues.find(({ queue }) => queue === "slow")?.states, { queued: 1, running: 1 });
  assert.equal(body.oldestWaiting?.id, waiting.id);
  assert.equal(body.minutes.length, 60);
  const sum = (name: "submitted" | "succeeded") => body.minutes.reduce((all, minute) => all + minute[name], 0);
  assert.deepEqual([sum("submitted"), sum("succeeded")], [3, 1]);
});

test("workers are shown with what they run", async (t) => {
  const { call, submit, manager } = await serverFor(t);
  const { id } = await submit("hold");
  await manager.waitUntil(id, "running");
  const { body } = await call<{ items: WorkerInfo[] }>("GET", "/api/v1/workers");
  const [worker] = body.items;
  assert.equal(body.items.length, 1);
  assert.deepEqual(
    [worker?.pid, worker?.queues, worker?.running, worker?.jobs.map((job) => job.id)],
    [process.pid, null, 1, [id]],
  );
});

test("metrics are in the format of Prometheus, whatever host they are asked by", async (t) => {
  const { url, submit, manager } = await serverFor(t);
  await fetch(`${url}/metrics`);
  const { id } = await submit("echo");
  await manager.waitUntil(id, "final");
  const response = await fetch(`${url}/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  for (const line of [
    /^# TYPE pawl_jobs gauge$/m,
    /^pawl_jobs\{type="echo",state="succeeded"\} 1$/m,
    /^pawl_queue_jobs\{queue="default",state="succeeded"\} 1$/m,
    /^pawl_jobs_in_state\{state="failed"\} 0$/m,
    /^pawl_events_total\{event="succeeded"\} 1$/m,
    /^pawl_events_total\{event="failed"\} 0$/m,
    /^pawl_workers 1$/m,
    /^pawl_oldest_waiting_seconds 0$/m,
    /^process_resident_memory_bytes /m,
  ]) {
    assert.match(text, line);
  }
});
