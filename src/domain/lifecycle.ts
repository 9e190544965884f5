// The only place that knows what moves a job from state to state: one table, kept as data.
// Stores build their guarded writes from it, the API its `allowedActions`; nothing else decides a transition.

/** Every state a job can be in. The first five are unfinished, the last five final. */
export const STATES = [
  "queued",
  "running",
  "pausing",
  "paused",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
  "rolled_back",
  "rollback_failed",
] as const;
export type State = (typeof STATES)[number];

/** Which way the job works: `forward` does it, `rollback` undoes it. */
export const PHASES = ["forward", "rollback"] as const;
export type Phase = (typeof PHASES)[number];

/** What a person or a program can ask of a job. */
export const ACTIONS = ["pause", "resume", "cancel", "terminate", "retry", "rollback"] as const;
export type Action = (typeof ACTIONS)[number];

/** How an attempt can end, as its worker reports it. `halt` is a stop at a checkpoint, for whatever cause. */
export const OUTCOME_EVENTS = ["succeed", "fail", "halt"] as const;
export type OutcomeEvent = (typeof OUTCOME_EVENTS)[number];

export type LifecycleEvent = "claim" | "lost" | Action | OutcomeEvent;

/** States in which a worker holds the job. */
export const LEASED_STATES = ["running", "pausing", "cancelling"] as const satisfies readonly State[];

/** States that nothing but a recorded retry or rollback leaves. */
export const FINAL_STATES = [
  "succeeded",
  "failed",
  "cancelled",
  "rolled_back",
  "rollback_failed",
] as const satisfies readonly State[];

/** States in which a job keeps its `key` and its exclusive group. */
export const UNFINISHED_STATES = [
  "queued",
  "running",
  "pausing",
  "paused",
  "cancelling",
] as const satisfies readonly State[];

/**
 * What a transition may depend on besides phase and state.
 * - `undo`: rollback was asked, the type can roll back, and the job was started at least once.
 * - `undoable`: the type can roll back, and the job was started at least once.
 * - `attemptsLeft`: the error may be retried and `attempt < maxAttempts`.
 * - `undoOnFailure`: the type says `onFailure: "rollback"`, and the job is undoable.
 * - `crashLoop`: this crash is the `crashLimit`-th without checkpoint progress.
 * - `notForced`: no terminate has been acknowledged yet.
 */
export type Condition = "undo" | "undoable" | "attemptsLeft" | "undoOnFailure" | "crashLoop" | "notForced";

/** One possible destination. It is taken when all of `when` hold; the first that fits wins. */
export interface Target {
  readonly when?: readonly Condition[];
  readonly state: State;
  readonly phase: Phase;
}

export interface Transition {
  readonly phase: Phase;
  readonly from: State;
  readonly event: LifecycleEvent;
  readonly targets: readonly Target[];
  readonly why: string;
}

const forward = (state: State, ...when: Condition[]): Target => ({ state, phase: "forward", when });
const backward = (state: State, ...when: Condition[]): Target => ({ state, phase: "rollback", when });
const undoOr = (state: State): readonly Target[] => [backward("queued", "undo"), forward(state)];
const failure = (again: State): readonly Target[] => [
  forward(again, "attemptsLeft"),
  backward("queued", "undoOnFailure"),
  forward("failed"),
];

type Row = readonly [from: State, event: LifecycleEvent, targets: readonly Target[], why: string];

const FORWARD: readonly Row[] = [
  ["queued", "claim", [forward("running")], "a worker with a free slot takes it"],
  ["queued", "pause", [forward("paused")], "nobody runs it, so it stops at once"],
  ["queued", "cancel", undoOr("cancelled"), "nobody runs it, so it stops at once"],
  ["queued", "terminate", undoOr("cancelled"), "nobody runs it, so it stops at once"],
  ["paused", "resume", [forward("queued")], "it waits for a worker again, at the same checkpoint"],
  ["paused", "cancel", undoOr("cancelled"), "nobody runs it, so it stops at once"],
  ["paused", "terminate", undoOr("cancelled"), "nobody runs it, so it stops at once"],
  ["running", "pause", [forward("pausing")], "acknowledged; the attempt stops at its next checkpoint"],
  ["running", "cancel", [forward("cancelling")], "acknowledged; the attempt stops at its next checkpoint"],
  ["running", "terminate", [forward("cancelling")], "acknowledged; the attempt is stopped without grace"],
  ["running", "succeed", [forward("succeeded")], "its work is done"],
  ["running", "fail", failure("queued"), "tried again after a backoff while attempts are left"],
  ["running", "halt", [forward("queued")], "stopped at a checkpoint by a drain or a withdrawn request"],
  [
    "running",
    "lost",
    [backward("queued", "crashLoop", "undoOnFailure"), forward("failed", "crashLoop"), forward("queued")],
    "its worker died",
  ],
  ["pausing", "resume", [forward("running")], "the pause is withdrawn before it landed"],
  ["pausing", "cancel", [forward("cancelling")], "a cancel is stronger than a pause"],
  ["pausing", "terminate", [forward("cancelling")], "a terminate is stronger than a pause"],
  ["pausing", "succeed", [forward("succeeded")], "a pause that comes too late does not change the truth"],
  ["pausing", "fail", failure("paused"), "the retry waits for the resume"],
  ["pausing", "halt", [forward("paused")], "the pause has landed"],
  ["pausing", "lost", [forward("paused")], "its worker died, and an acknowledged pause holds"],
  ["cancelling", "terminate", [forward("cancelling", "notForced")], "the cancel is escalated"],
  ["cancelling", "succeed", undoOr("succeeded"), "too late to stop, but an acknowledged undo is still done"],
  ["cancelling", "fail", undoOr("cancelled"), "what was cancelled is never retried"],
  ["cancelling", "halt", undoOr("cancelled"), "the cancel has landed"],
  ["cancelling", "lost", undoOr("cancelled"), "its worker died, and an acknowledged cancel holds"],
  ["failed", "retry", [forward("queued")], "fresh attempts"],
  ["cancelled", "retry", [forward("queued")], "fresh attempts"],
  ["succeeded", "rollback", [backward("queued", "undoable")], "a person wants it undone"],
  ["failed", "rollback", [backward("queued", "undoable")], "a person wants it undone"],
  ["cancelled", "rollback", [backward("queued", "undoable")], "a person wants it undone"],
];

const ROLLBACK: readonly Row[] = [
  ["queued", "claim", [backward("running")], "a worker with a free slot takes it"],
  ["queued", "pause", [backward("paused")], "nobody runs it, so it stops at once"],
  ["queued", "terminate", [backward("rollback_failed")], "the undo is given up"],
  ["paused", "resume", [backward("queued")], "it waits for a worker again, at the same checkpoint"],
  ["paused", "terminate", [backward("rollback_failed")], "the undo is given up"],
  ["running", "pause", [backward("pausing")], "acknowledged; the attempt stops at its next checkpoint"],
  ["running", "terminate", [backward("cancelling")], "acknowledged; the undo is given up"],
  ["running", "succeed", [backward("rolled_back")], "all of it is undone"],
  [
    "running",
    "fail",
    [backward("queued", "attemptsLeft"), backward("rollback_failed")],
    "tried again after a backoff while attempts are left",
  ],
  ["running", "halt", [backward("queued")], "stopped at a checkpoint by a drain or a withdrawn request"],
  ["running", "lost", [backward("rollback_failed", "crashLoop"), backward("queued")], "its worker died"],
  ["pausing", "resume", [backward("running")], "the pause is withdrawn before it landed"],
  ["pausing", "terminate", [backward("cancelling")], "a terminate is stronger than a pause"],
  ["pausing", "succeed", [backward("rolled_back")], "a pause that comes too late does not change the truth"],
  [
    "pausing",
    "fail",
    [backward("paused", "attemptsLeft"), backward("rollback_failed")],
    "the retry waits for the resume",
  ],
  ["pausing", "halt", [backward("paused")], "the pause has landed"],
  ["pausing", "lost", [backward("paused")], "its worker died, and an acknowledged pause holds"],
  ["cancelling", "succeed", [backward("rolled_back")], "too late to give up: all of it is undone"],
  ["cancelling", "fail", [backward("rollback_failed")], "the undo was given up"],
  ["cancelling", "halt", [backward("rollback_failed")], "the undo was given up"],
  ["cancelling", "lost", [backward("rollback_failed")], "the undo was given up"],
  ["rollback_failed", "rollback", [backward("queued")], "the undo goes on at its checkpoint"],
  ["rolled_back", "retry", [forward("queued")], "done anew from the start"],
];

const rows = (phase: Phase, table: readonly Row[]): Transition[] =>
  table.map(([from, event, targets, why]) => ({ phase, from, event, targets, why }));

/** The whole lifecycle. A (phase, state, event) that has no row here is refused. */
export const TRANSITIONS: readonly Transition[] = [...rows("forward", FORWARD), ...rows("rollback", ROLLBACK)];

const byPlace = new Map(TRANSITIONS.map((row) => [`${row.phase}.${row.from}.${row.event}`, row]));

/** The conditions as they hold for one job at one moment. */
export type Facts = Readonly<Record<Condition, boolean>>;

/**
 * Answers where `event` takes a job, or `null` when the lifecycle refuses it.
 *
 * @example
 * nextPlace("forward", "running", "pause", facts); // { phase: "forward", state: "pausing" }
 */
export function nextPlace(phase: Phase, state: State, event: LifecycleEvent, facts: Facts): Target | null {
  const row = byPlace.get(`${phase}.${state}.${event}`);
  return row?.targets.find((target) => (target.when ?? []).every((condition) => facts[condition])) ?? null;
}

/** The rows of one event: what a store's guarded write for that event accepts, and where each leads. */
export function transitionsOf(event: LifecycleEvent): readonly Transition[] {
  return TRANSITIONS.filter((row) => row.event === event);
}

/** Where a job may stand for a repeated request to be answered "already requested or reached" instead of refused. */
interface Repeat {
  readonly phase: Phase;
  readonly state: State;
  /** The job's last request must have been this same action, or the place could have been reached without it. */
  readonly sameAction: boolean;
}

const places = (phase: Phase, states: readonly State[], sameAction = false): Repeat[] =>
  states.map((state) => ({ phase, state, sameAction }));

/** Per action, the places that say "it is already so". */
const REPEATS: Readonly<Record<Action, readonly Repeat[]>> = {
  pause: [...places("forward", ["pausing", "paused"]), ...places("rollback", ["pausing", "paused"])],
  resume: [...places("forward", ["queued", "running"]), ...places("rollback", ["queued", "running"])],
  cancel: [
    ...places("forward", ["cancelling", "cancelled"]),
    ...places("rollback", [...UNFINISHED_STATES, "rolled_back"]),
  ],
  terminate: [
    ...places("forward", ["cancelling", "cancelled"]),
    ...places("rollback", ["cancelling", "rollback_failed", "rolled_back"]),
  ],
  retry: places("forward", ["queued", "running"], true),
  rollback: places("rollback", [...UNFINISHED_STATES, "rolled_back"]),
};

/** Tells whether `action` is already requested or reached, so that asking again changes nothing and is no error. */
export function isRepeat(action: Action, phase: Phase, state: State, lastAction: Action | null): boolean {
  return REPEATS[action].some(
    (place) => place.phase === phase && place.state === state && (!place.sameAction || lastAction === action),
  );
}

/** The actions that would change this job now: exactly the buttons to show. */
export function allowedActions(phase: Phase, state: State, facts: Facts): Action[] {
  return ACTIONS.filter((action) => nextPlace(phase, state, action, facts) !== null);
}

export function isFinal(state: State): boolean {
  return (FINAL_STATES as readonly State[]).includes(state);
}

export function isLeased(state: State): boolean {
  return (LEASED_STATES as readonly State[]).includes(state);
}
