import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JobSummary } from "../../src/client/index.ts";
import { ACTIONS } from "../../src/domain/lifecycle.ts";
import { ACTION_VIEWS, actionsOf, awaited } from "./actions.ts";
import { atNoon, exampleJob, NOON } from "./example-job.ts";

const control = (given: Partial<NonNullable<JobSummary["control"]>> = {}): NonNullable<JobSummary["control"]> => ({
  action: "pause",
  actor: "dana",
  reason: null,
  requestedAt: atNoon(),
  reachedAt: null,
  rollback: false,
  force: false,
  ...given,
});

describe("actions", () => {
  it("are exactly those that the server allows, the likely one first", () => {
    assert.deepEqual(actionsOf({ allowedActions: [] }), []);
    assert.deepEqual(actionsOf({ allowedActions: ["terminate", "cancel", "pause"] }), ["pause", "cancel", "terminate"]);
    assert.deepEqual(actionsOf({ allowedActions: ["cancel", "resume", "terminate"] }), [
      "resume",
      "cancel",
      "terminate",
    ]);
    assert.deepEqual(actionsOf({ allowedActions: [...ACTIONS] }).toSorted(), ACTIONS.toSorted());
  });

  it("have a key each, and ask before all that does harm", () => {
    assert.equal(new Set(ACTIONS.map((action) => ACTION_VIEWS[action].key)).size, ACTIONS.length);
    for (const action of ["cancel", "terminate", "rollback"] as const) assert.equal(ACTION_VIEWS[action].asks, true);
    for (const action of ["pause", "resume"] as const) assert.equal(ACTION_VIEWS[action].asks, false);
  });
});

describe("what is awaited", () => {
  it("is nothing of a job of which nothing was asked, or that came where it should", () => {
    assert.equal(awaited(exampleJob()), null);
    assert.equal(awaited(exampleJob({ state: "paused", control: control({ reachedAt: atNoon(5) }) })), null);
    assert.equal(awaited(exampleJob({ state: "running", control: control({ action: "resume" }) })), null);
  });

  it("is the next checkpoint of a pausing job, and the end of the attempt of a cancelling one, since the request", () => {
    const pausing = awaited(exampleJob({ state: "pausing", control: control() }));
    assert.deepEqual(pausing, { what: "waiting for the next checkpoint", since: NOON });
    const cancelling = awaited(exampleJob({ state: "cancelling", control: control({ action: "cancel" }) }));
    assert.match(cancelling?.what ?? "", /attempt to stop/);
  });

  it("is the end of the process of a job whose code does not listen", () => {
    const deaf = exampleJob({ state: "cancelling", abandoned: true, control: control({ action: "terminate" }) });
    assert.match(awaited(deaf)?.what ?? "", /process/);
  });
});
