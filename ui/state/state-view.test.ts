import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LEASED_STATES, PHASES, STATES } from "../../src/domain/lifecycle.ts";
import { atNoon, exampleJob, NOON } from "./example-job.ts";
import { isStuck, STATE_VIEWS, STATES_IN_ORDER, stateView } from "./state-view.ts";

const HOUR_MS = 3_600_000;

describe("the view of a state", () => {
  const words = {
    forward: {
      queued: "waiting",
      running: "running",
      pausing: "pausing",
      paused: "paused",
      cancelling: "cancelling",
      succeeded: "succeeded",
      failed: "failed",
      cancelled: "cancelled",
      rolled_back: "rolled back",
      rollback_failed: "rollback failed",
    },
    rollback: {
      queued: "waiting to roll back",
      running: "rolling back",
      pausing: "pausing rollback",
      paused: "rollback paused",
      cancelling: "giving up rollback",
      succeeded: "succeeded",
      failed: "failed",
      cancelled: "cancelled",
      rolled_back: "rolled back",
      rollback_failed: "rollback failed",
    },
  } as const;
  for (const phase of PHASES) {
    for (const state of STATES) {
      it(`of ${state} in ${phase} is "${words[phase][state]}"`, () => {
        const { word, tone, shape } = stateView(exampleJob({ phase, state }), NOON);
        assert.equal(word, words[phase][state]);
        assert.ok(tone && shape);
      });
    }
  }

  it("has another word or another shape for every two places, so that colour alone tells nothing", () => {
    const views = PHASES.flatMap((phase) =>
      STATES.filter((state) => phase === "forward" || !["succeeded", "failed", "cancelled"].includes(state)).map(
        (state) => stateView(exampleJob({ phase, state }), NOON).word,
      ),
    );
    // rolled_back and rollback_failed are the same in both phases.
    assert.equal(new Set(views).size, views.length - 2);
  });

  it("says of a job for later that it is scheduled, and of one that ran already that it goes on later", () => {
    const later = { state: "queued", availableAt: atNoon(HOUR_MS) } as const;
    assert.equal(stateView(exampleJob({ ...later, startedAt: null }), NOON).word, "scheduled");
    assert.equal(stateView(exampleJob(later), NOON).word, "waits to go on");
    assert.equal(stateView(exampleJob({ ...later, startedAt: null }), NOON + HOUR_MS).word, "waiting");
  });

  it("warns of a job that holds its slot and does not get on", () => {
    for (const state of LEASED_STATES) {
      assert.equal(stateView(exampleJob({ state, stalled: true }), NOON).word, "stalled");
      assert.equal(stateView(exampleJob({ state, abandoned: true, stalled: true }), NOON).word, "not stopping");
      assert.equal(stateView(exampleJob({ state, stalled: true }), NOON).shape, "warning");
    }
    assert.equal(isStuck(exampleJob({ state: "paused", stalled: true })), false);
    assert.equal(stateView(exampleJob({ state: "failed", abandoned: true }), NOON).word, "failed");
  });
});

describe("the order of states", () => {
  it("names each state once", () => {
    assert.deepEqual(STATES_IN_ORDER.toSorted(), STATES.toSorted());
    assert.deepEqual(Object.keys(STATE_VIEWS).toSorted(), STATES.toSorted());
  });
});
