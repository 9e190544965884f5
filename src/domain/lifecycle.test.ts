// The lifecycle, written out a second time as people say it, against the table: every event at every place under all
// combinations of facts, the refused ones included.
import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ACTIONS,
  allowedActions,
  type Condition,
  type Facts,
  FINAL_STATES,
  isFinal,
  isLeased,
  isRepeat,
  LEASED_STATES,
  type LifecycleEvent,
  nextPlace,
  OUTCOME_EVENTS,
  PHASES,
  type Phase,
  STATES,
  type State,
  TRANSITIONS,
  transitionsOf,
  UNFINISHED_STATES,
} from "./lifecycle.ts";

type Place = `${Phase}.${State}`;
type Expected = (facts: Facts) => Place | null;
type Events = Partial<Record<LifecycleEvent, Expected>>;

const EVENTS: readonly LifecycleEvent[] = ["claim", "lost", ...ACTIONS, ...OUTCOME_EVENTS];
const CONDITIONS: readonly Condition[] = [
  "undo",
  "undoable",
  "attemptsLeft",
  "undoOnFailure",
  "crashLoop",
  "notForced",
];

const to =
  (place: Place): Expected =>
  () =>
    place;
/** Undone where that was asked, else ended there. */
const undoneOr =
  (place: Place): Expected =>
  (facts) =>
    facts.undo ? "rollback.queued" : place;
/** Tried again there while attempts are left, else undone where the type says so, else failed. */
const againAt =
  (place: Place): Expected =>
  (facts) => {
    if (facts.attemptsLeft) return place;
    return facts.undoOnFailure ? "rollback.queued" : "forward.failed";
  };
const undoneIfPossible: Expected = (facts) => (facts.undoable ? "rollback.queued" : null);

const FORWARD: Record<State, Events> = {
  queued: {
    claim: to("forward.running"),
    pause: to("forward.paused"),
    cancel: undoneOr("forward.cancelled"),
    terminate: undoneOr("forward.cancelled"),
  },
  running: {
    pause: to("forward.pausing"),
    cancel: to("forward.cancelling"),
    terminate: to("forward.cancelling"),
    succeed: to("forward.succeeded"),
    fail: againAt("forward.queued"),
    halt: to("forward.queued"),
    lost: (facts) => {
      if (!facts.crashLoop) return "forward.queued";
      return facts.undoOnFailure ? "rollback.queued" : "forward.failed";
    },
  },
  pausing: {
    resume: to("forward.running"),
    cancel: to("forward.cancelling"),
    terminate: to("forward.cancelling"),
    succeed: to("forward.succeeded"),
    fail: againAt("forward.paused"),
    halt: to("forward.paused"),
    lost: to("forward.paused"),
  },
  paused: {
    resume: to("forward.queued"),
    cancel: undoneOr("forward.cancelled"),
    terminate: undoneOr("forward.cancelled"),
  },
  cancelling: {
    terminate: (facts) => (facts.notForced ? "forward.cancelling" : null),
    succeed: undoneOr("forward.succeeded"),
    fail: undoneOr("forward.cancelled"),
    halt: undoneOr("forward.cancelled"),
    lost: undoneOr("forward.cancelled"),
  },
  succeeded: { rollback: undoneIfPossible },
  failed: { retry: to("forward.queued"), rollback: undoneIfPossible },
  cancelled: { retry: to("forward.queued"), rollback: undoneIfPossible },
  rolled_back: {},
  rollback_failed: {},
};

const ROLLBACK: Record<State, Events> = {
  queued: {
    claim: to("rollback.running"),
    pause: to("rollback.paused"),
    terminate: to("rollback.rollback_failed"),
  },
  running: {
    pause: to("rollback.pausing"),
    terminate: to("rollback.cancelling"),
    succeed: to("rollback.rolled_back"),
    fail: (facts) => (facts.attemptsLeft ? "rollback.queued" : "rollback.rollback_failed"),
    halt: to("rollback.queued"),
    lost: (facts) => (facts.crashLoop ? "rollback.rollback_failed" : "rollback.queued"),
  },
  pausing: {
    resume: to("rollback.running"),
    terminate: to("rollback.cancelling"),
    succeed: to("rollback.rolled_back"),
    fail: (facts) => (facts.attemptsLeft ? "rollback.paused" : "rollback.rollback_failed"),
    halt: to("rollback.paused"),
    lost: to("rollback.paused"),
  },
  paused: { resume: to("rollback.queued"), terminate: to("rollback.rollback_failed") },
  cancelling: {
    succeed: to("rollback.rolled_back"),
    fail: to("rollback.rollback_failed"),
    halt: to("rollback.rollback_failed"),
    lost: to("rollback.rollback_failed"),
  },
  succeeded: {},
  failed: {},
  cancelled: {},
  rolled_back: { retry: to("forward.queued") },
  rollback_failed: { rollback: to("rollback.queued") },
};

const EXPECTED: Record<Phase, Record<State, Events>> = { forward: FORWARD, rollback: ROLLBACK };

/** All 64 combinations. */
const ALL_FACTS: readonly Facts[] = Array.from({ length: 2 ** CONDITIONS.length }, (_, bits) => {
  const holds = (condition: Condition) => ((bits >> CONDITIONS.indexOf(condition)) & 1) === 1;
  return {
    undo: holds("undo"),
    undoable: holds("undoable"),
    attemptsLeft: holds("attemptsLeft"),
    undoOnFailure: holds("undoOnFailure"),
    crashLoop: holds("crashLoop"),
    notForced: holds("notForced"),
  };
});

describe("the lifecycle table", () => {
  for (const phase of PHASES) {
    for (const state of STATES) {
      it(`${phase} ${state} answers every event as it is written, and refuses the others`, () => {
        for (const event of EVENTS) {
          for (const facts of ALL_FACTS) {
            const target = nextPlace(phase, state, event, facts);
            const place = target && `${target.phase}.${target.state}`;
            equal(place, EXPECTED[phase][state][event]?.(facts) ?? null, `${event} ${JSON.stringify(facts)}`);
          }
        }
      });
    }
  }

  it("has one row for a place and an event, and says why", () => {
    const names = TRANSITIONS.map((row) => `${row.phase}.${row.from}.${row.event}`);
    equal(new Set(names).size, names.length);
    ok(TRANSITIONS.every((row) => row.why.length > 0 && row.targets.length > 0));
    deepEqual(EVENTS.flatMap(transitionsOf).length, TRANSITIONS.length);
  });

  it("says which states are final, unfinished and leased", () => {
    deepEqual(STATES.filter(isFinal), ["succeeded", "failed", "cancelled", "rolled_back", "rollback_failed"]);
    deepEqual(STATES.filter(isLeased), ["running", "pausing", "cancelling"]);
    deepEqual([...UNFINISHED_STATES, ...FINAL_STATES], [...STATES]);
    ok(LEASED_STATES.every((state) => !isFinal(state)));
  });

  it("lets nothing but a retry or a rollback leave a final state", () => {
    const leaving = TRANSITIONS.filter((row) => isFinal(row.from)).map((row) => row.event);
    deepEqual([...new Set(leaving)].sort(), ["retry", "rollback"]);
  });
});

const NONE: Facts = {
  undo: false,
  undoable: false,
  attemptsLeft: false,
  undoOnFailure: false,
  crashLoop: false,
  notForced: true,
};

describe("allowed actions", () => {
  it("are those that would change the job", () => {
    deepEqual(allowedActions("forward", "running", NONE), ["pause", "cancel", "terminate"]);
    deepEqual(allowedActions("forward", "cancelling", NONE), ["terminate"]);
    deepEqual(allowedActions("forward", "cancelling", { ...NONE, notForced: false }), []);
    deepEqual(allowedActions("forward", "succeeded", NONE), []);
    deepEqual(allowedActions("forward", "failed", { ...NONE, undoable: true }), ["retry", "rollback"]);
    deepEqual(allowedActions("rollback", "paused", NONE), ["resume", "terminate"]);
    deepEqual(allowedActions("rollback", "rollback_failed", NONE), ["rollback"]);
  });
});

describe("a repeated request", () => {
  const forward = (action: (typeof ACTIONS)[number], last: (typeof ACTIONS)[number] | null = null) =>
    STATES.filter((state) => isRepeat(action, "forward", state, last));
  const rollback = (action: (typeof ACTIONS)[number]) =>
    STATES.filter((state) => isRepeat(action, "rollback", state, null));

  it("is answered where the job already is or goes", () => {
    deepEqual(forward("pause"), ["pausing", "paused"]);
    deepEqual(forward("resume"), ["queued", "running"]);
    deepEqual(forward("cancel"), ["cancelling", "cancelled"]);
    deepEqual(forward("terminate"), ["cancelling", "cancelled"]);
    deepEqual(forward("rollback"), []);
  });

  it("of a retry counts only after a retry", () => {
    deepEqual(
      [forward("retry"), forward("retry", "pause"), forward("retry", "retry")],
      [[], [], ["queued", "running"]],
    );
  });

  it("in rollback says that the undo is under way or done", () => {
    const undone = ["queued", "running", "pausing", "paused", "cancelling", "rolled_back"];
    deepEqual([rollback("cancel"), rollback("rollback")], [undone, undone]);
    deepEqual(rollback("terminate"), ["cancelling", "rolled_back", "rollback_failed"]);
    deepEqual(rollback("retry"), []);
  });

  it("is never one that the table accepts, except where a place is both", () => {
    // A rollback that goes on, and a terminate that escalates: the table is asked first.
    const both = PHASES.flatMap((phase) =>
      STATES.flatMap((state) =>
        ACTIONS.filter((action) => {
          const accepted = ALL_FACTS.some((facts) => nextPlace(phase, state, action, facts) !== null);
          return accepted && isRepeat(action, phase, state, action);
        }).map((action) => `${phase} ${state} ${action}`),
      ),
    );
    deepEqual(both, ["forward cancelling terminate"]);
  });
});
