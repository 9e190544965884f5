// Every case of the lifecycle that a store can be brought into: each place, each event, each combination of facts.
import {
  ACTIONS,
  type Facts,
  type LifecycleEvent,
  nextPlace,
  OUTCOME_EVENTS,
  PHASES,
  type Phase,
  STATES,
  type State,
  type Target,
} from "../../domain/lifecycle.ts";
import { isReachable, type Traits } from "./store-driver.ts";

export interface LifecycleCase {
  readonly phase: Phase;
  readonly state: State;
  readonly event: LifecycleEvent;
  readonly traits: Traits;
  /** What a cancel or terminate that is the event says of undoing. */
  readonly rollback: boolean;
  readonly attemptsLeft: boolean;
  readonly crashLoop: boolean;
  /** Where the lifecycle table leads; `null`: nowhere. */
  readonly expected: Target | null;
}

const BOTH = [false, true] as const;
const EVENTS: readonly LifecycleEvent[] = ["claim", "lost", ...ACTIONS, ...OUTCOME_EVENTS];

function* allTraits(): Generator<Traits> {
  for (const canRollback of BOTH) {
    for (const rollbackOnFailure of BOTH) {
      for (const started of BOTH) {
        for (const choice of BOTH)
          for (const forced of BOTH) yield { canRollback, rollbackOnFailure, started, choice, forced };
      }
    }
  }
}

type Variant = Pick<LifecycleCase, "rollback" | "attemptsLeft" | "crashLoop">;

function* variants(event: LifecycleEvent): Generator<Variant> {
  const none = { rollback: false, attemptsLeft: false, crashLoop: false };
  yield none;
  if (event === "cancel" || event === "terminate") yield { ...none, rollback: true };
  if (event === "fail") yield { ...none, attemptsLeft: true };
  if (event === "lost") yield { ...none, crashLoop: true };
}

/** The conditions, told from how the case was brought about and not from the store. */
function factsOfCase(traits: Traits, state: State, event: LifecycleEvent, variant: Variant): Facts {
  const undoable = traits.canRollback && traits.started;
  const asked = event === "cancel" || event === "terminate" ? variant.rollback : traits.choice;
  return {
    undoable,
    undo: undoable && asked,
    attemptsLeft: variant.attemptsLeft,
    undoOnFailure: undoable && traits.rollbackOnFailure,
    crashLoop: variant.crashLoop,
    notForced: !(state === "cancelling" && traits.forced),
  };
}

/** Traits that a place does not show are taken once only. */
function isDistinct(state: State, traits: Traits): boolean {
  return state === "cancelling" || (!traits.choice && !traits.forced);
}

/** All cases, a few thousand. */
export function* lifecycleCases(): Generator<LifecycleCase> {
  for (const phase of PHASES) {
    for (const state of STATES) {
      for (const traits of allTraits()) {
        if (!isReachable(phase, state, traits) || !isDistinct(state, traits)) continue;
        for (const event of EVENTS) {
          for (const variant of variants(event)) {
            const facts = factsOfCase(traits, state, event, variant);
            yield { phase, state, event, traits, ...variant, expected: nextPlace(phase, state, event, facts) };
          }
        }
      }
    }
  }
}
