// Waiting for a job by one request.
import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "../support/wait-for.ts";
import { assertProblem, createManualClock, serverFor } from "./support.ts";

test("a request waits until the job is where it asks for", async (t) => {
  const { call, submit, manager } = await serverFor(t);
  const { id } = await submit("hold");
  await manager.waitUntil(id, "running");
  const waiting = call("GET", `/api/v1/jobs/${id}?waitMs=50000&until=paused`);
  await call("POST", `/api/v1/jobs/${id}/pause`);
  const { status, body } = await waiting;
  assert.deepEqual([status, body.state], [200, "paused"]);
});

test("without `until` it waits for the end, and several states can be named", async (t) => {
  const { call, submit, manager } = await serverFor(t);
  const done = await submit("echo");
  assert.equal((await call("GET", `/api/v1/jobs/${done.id}?waitMs=50000`)).body.state, "succeeded");
  const { id } = await submit("hold");
  await manager.waitUntil(id, "running");
  const waiting = call("GET", `/api/v1/jobs/${id}?waitMs=50000&until=paused,final`);
  await call("POST", `/api/v1/jobs/${id}/cancel`, { rollback: false });
  assert.equal((await waiting).body.state, "cancelled");
});

test("when its time is up it answers with the job as it is", async (t) => {
  const clock = createManualClock();
  const { call, submit, manager } = await serverFor(t, { clock });
  const { id } = await submit("hold");
  await manager.waitUntil(id, "running");
  let answered = false;
  const waiting = call("GET", `/api/v1/jobs/${id}?waitMs=40000&until=final`).finally(() => {
    answered = true;
  });
  await waitFor(
    async () => {
      clock.advance(1_000);
      return answered;
    },
    { what: "the answer when the time is up" },
  );
  const { status, body } = await waiting;
  assert.deepEqual([status, body.state], [200, "running"]);
});

test("a wait of 0 is no wait", async (t) => {
  const { call, submit } = await serverFor(t);
  const { id } = await submit("hold");
  assert.equal((await call("GET", `/api/v1/jobs/${id}?waitMs=0`)).status, 200);
});

test("a job that is not there is 404, and one that is deleted meanwhile too", async (t) => {
  const { call, submit, manager } = await serverFor(t);
  assertProblem(await call("GET", "/api/v1/jobs/nobody?waitMs=1000"), 404, "job_not_found");
  const { id } = await submit("echo");
  await manager.waitUntil(id, "final");
  const waiting = call("GET", `/api/v1/jobs/${id}?waitMs=50000&until=paused`);
  await call("DELETE", `/api/v1/jobs/${id}`);
  assertProblem(await waiting, 404, "job_not_found");
});

test("a wait that is wrong is refused", async (t) => {
  const { call, submit } = await serverFor(t);
  const { id } = await submit("hold");
  for (const query of ["waitMs=-1", "waitMs=60001", "waitMs=soon", "until=done", "until="]) {
    assertProblem(await call("GET", `/api/v1/jobs/${id}?${query}`), 400, "invalid_request");
  }
});

test("a server that stops answers those who wait", async (t) => {
  const { call, submit, manager, server } = await serverFor(t);
  const { id } = await submit("hold");
  await manager.waitUntil(id, "running");
  const waiting = call("GET", `/api/v1/jobs/${id}?waitMs=50000`);
  const other = await call("GET", `/api/v1/jobs/${id}`);
  assert.equal(other.status, 200);
  await server.close();
  const { status, body } = await waiting;
  assert.deepEqual([status, body.state], [200, "running"]);
});
