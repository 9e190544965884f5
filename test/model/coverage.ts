// Counts what runs have met: which transitions the engine has made and which requests it has not granted, told by its own
// answers and history; and circumstances that a run has to meet by chance before it can say anything about them.
import { ACTIONS, type Action, type Phase, type State, TRANSITIONS } from "../../src/domain/lifecycle.ts";
import type { HistoryEntry } from "../../src/index.ts";

export interface Place {
  readonly phase: Phase;
  readonly state: State;
}

/** What the model notices on its way. */
const CIRCUMSTANCES = [
  "a key is taken at a submit",
  "a key is taken at a retry",
  "a key is taken at a rollback",
  "a request is replayed",
  "a step is remembered",
  "a sleep is over",
  "a handler without a lease goes on",
  "an attempt is shown as abandoned",
  "a process waits in vain for a handler",
  "a worker dies in a rollback",
  "a paused queue holds a job back",
  "a queue's limit holds a job back",
  "a type's limit holds a job back",
  "a firing is skipped",
  "a firing waits for the last job",
  "missed firings become one",
  "missed firings are all made up for",
] as const;
export type Circumstance = (typeof CIRCUMSTANCES)[number];

export interface Coverage {
  met(circumstance: Circumstance): void;
  /** A request at this place was answered, and changed nothing. */
  notGranted(place: Place, action: Action): void;
  /** What happened to a job, from its submit on. */
  happened(history: readonly HistoryEntry[]): void;
  /** How often each was met that has to be; 0 for those that were not. */
  counts(): ReadonlyMap<string, number>;
}

const PLACES: readonly Place[] = [
  ...(["queued", "running", "pausing", "paused", "cancelling", "succeeded", "failed", "cancelled"] as const).map(
    (state) => ({ phase: "forward" as const, state }),
  ),
  ...(["queued", "running", "pausing", "paused", "cancelling", "rolled_back", "rollback_failed"] as const).map(
    (state) => ({ phase: "rollback" as const, state }),
  ),
];

const nameOf = ({ phase, state }: Place): string => `${phase}.${state}`;
const moveName = (from: Place, event: string, to: Place): string => `${nameOf(from)} ${event} -> ${nameOf(to)}`;
const refusalName = (place: Place, action: Action): string => `${nameOf(place)} ${action} not granted`;

/** Each destination of each row of the lifecycle's table; each place and action that is refused, if only sometimes; the rest. */
function wanted(): readonly string[] {
  const moves = TRANSITIONS.flatMap(({ phase, from, event, targets }) =>
    targets.map((target) => moveName({ phase, state: from }, event, target)),
  );
  const refusals = PLACES.flatMap((place) =>
    ACTIONS.filter((action) => mayBeRefused(place, action)).map((action) => refusalName(place, action)),
  );
  return [...moves, ...refusals, ...CIRCUMSTANCES];
}

function mayBeRefused({ phase, state }: Place, action: Action): boolean {
  const row = TRANSITIONS.find((other) => other.phase === phase && other.from === state && other.event === action);
  if (row === undefined) return true;
  return row.targets.every(({ when }) => (when ?? []).length > 0);
}

export function createCoverage(): Coverage {
  const counts = new Map(wanted().map((name) => [name, 0]));
  const count = (name: string) => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  return {
    met: count,
    notGranted: (place, action) => count(refusalName(place, action)),
    happened(history) {
      for (const [index, entry] of history.entries()) {
        const from = history[index - 1];
        if (from !== undefined && isMove(entry)) count(moveName(from, entry.kind, entry));
      }
    },
    counts: () => counts,
  };
}

/** Entries that tell of something else leave the job where it was. */
function isMove({ kind }: HistoryEntry): boolean {
  return !["submit", "abandon", "stall", "edit", "refused", "repeated"].includes(kind);
}
