// Steering jobs over HTTP: what is answered, and what the history says of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HistoryEntryView, RecordPage } from "../../src/api/records.ts";
import { assertProblem, serverFor } from "./support.ts";

test("a pause is 202 when it is requested and 200 when it was so already", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const { id } = await submit("hold");
  await manager.waitUntil(id, "running");
  const first = await call("POST", `/api/v1/jobs/${id}/pause`, { reason: "two columns are swapped" });
  assert.equal(first.status, 202);
  assert.equal(first.body.control?.action, "pause");
  await manager.waitUntil(id, "paused");
  const second = await call("POST", `/api/v1/jobs/${id}/pause`);
  assert.equal(second.status, 200);
  assert.equal(second.body.state, "paused");
  assert.deepEqual(second.body.allowedActions, ["resume", "cancel", "terminate"]);
  assert.equal(second.body.control?.reason, "two columns are swapped");
});

test("a resumed job runs again", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const { id } = await submit("hold");
  await manager.waitUntil(id, "running");
  await call("POST", `/api/v1/jobs/${id}/pause`);
  await manager.waitUntil(id, "paused");
  const resumed = await call("POST", `/api/v1/jobs/${id}/resume`, {});
  assert.equal(resumed.status, 202);
  await manager.waitUntil(id, "running");
});

test("a cancelled job is rolled back, unless it is told not to be", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const [undone, kept] = [await submit("hold"), await submit("hold")];
  for (const { id } of [undone, kept]) await manager.waitUntil(id, "running");
  assert.equal((await call("POST", `/api/v1/jobs/${undone.id}/cancel`)).status, 202);
  assert.equal((await call("POST", `/api/v1/jobs/${kept.id}/terminate`, { rollback: false })).status, 202);
  assert.equal((await manager.waitUntil(undone.id, "final")).state, "rolled_back");
  assert.equal((await manager.waitUntil(kept.id, "final")).state, "cancelled");
  assert.equal((await call("POST", `/api/v1/jobs/${kept.id}/rollback`)).status, 202);
  assert.equal((await manager.waitUntil(kept.id, "rolled_back")).state, "rolled_back");
});

test("a failed job is tried again, from the start when that is asked", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const { id } = await submit("fail");
  await manager.waitUntil(id, "failed");
  const retried = await call("POST", `/api/v1/jobs/${id}/retry`, { from: "start", requestId: "r-1" });
  assert.equal(retried.status, 202);
  await manager.waitUntil(id, "failed");
  const replayed = await call("POST", `/api/v1/jobs/${id}/retry`, { from: "start", requestId: "r-1" });
  assert.notEqual(replayed.status, 409);
});

test("what the state does not allow is 409 with the state and what it does allow", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const { id } = await submit("echo");
  await manager.waitUntil(id, "succeeded");
  const problem = assertProblem(await call("POST", `/api/v1/jobs/${id}/pause`), 409, "action_not_allowed");
  assert.equal(problem.state, "succeeded");
  assert.deepEqual(problem.allowedActions, []);
});

test("a control request with anything unknown in it is refused and changes nothing", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const { id } = await submit("hold");
  await manager.waitUntil(id, "running");
  for (const body of [{ rollback: true }, { why: "x" }, [], null, "pause", { reason: 1 }, { reason: "" }]) {
    assertProblem(await call("POST", `/api/v1/jobs/${id}/pause`, body), 400, "invalid_request");
  }
  assertProblem(await call("POST", `/api/v1/jobs/${id}/retry`, { from: "middle" }), 400, "invalid_request");
  assertProblem(await call("POST", `/api/v1/jobs/${id}/pause?force=true`), 400, "invalid_request");
  assert.equal((await manager.get(id))?.state, "running");
});

test("the history names who asked, when and why", async (t) => {
  const { manager, call, submit } = await serverFor(t);
  const { id } = await submit("hold");
  await manager.waitUntil(id, "running");
  await call("POST", `/api/v1/jobs/${id}/pause`, { reason: "lunch" });
  await manager.waitUntil(id, "paused");
  const { body } = await call<RecordPage<HistoryEntryView>>("GET", `/api/v1/jobs/${id}/events`);
  assert.deepEqual(
    body.items.map((entry) => entry.kind),
    ["submit", "claim", "pause", "halt"],
  );
  assert.deepEqual(
    body.items.map((entry) => entry.seq),
    [1, 2, 3, 4],
  );
  const pause = body.items[2];
  assert.deepEqual([pause?.actor, pause?.reason, pause?.state], ["anonymous", "lunch", "pausing"]);
  assert.match(pause?.at ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const rest = await call<RecordPage<HistoryEntryView>>("GET", `/api/v1/jobs/${id}/events?after=2&limit=1`);
  assert.deepEqual([rest.body.items[0]?.kind, rest.body.items.length, rest.body.nextAfter], ["pause", 1, 3]);
});
