// What a job's state is called, and which colour and shape it has. Some words are derived: a queued job may be scheduled, or
// about to be undone. The word alone says it all; colour and shape only help to find it.
import type { JobSummary, State } from "../../src/client/index.ts";
import { isLeased } from "../../src/domain/lifecycle.ts";

/** Names of colours in styles.css. */
export type Tone = "waiting" | "running" | "paused" | "cancelling" | "undo" | "succeeded" | "failed" | "cancelled";

export type Shape =
  | "clock"
  | "calendar"
  | "play"
  | "pause"
  | "stop"
  | "undo"
  | "check"
  | "cross"
  | "ban"
  | "warning"
  | "retry";

export interface StateView {
  readonly word: string;
  readonly tone: Tone;
  readonly shape: Shape;
}

export type JobPlace = Pick<JobSummary, "state" | "phase" | "availableAt" | "startedAt" | "abandoned" | "stalled">;

const view = (word: string, tone: Tone, shape: Shape): StateView => ({ word, tone, shape });

/** How a state is shown where no job is at hand: in filters and counts. */
export const STATE_VIEWS: Readonly<Record<State, StateView>> = {
  queued: view("waiting", "waiting", "clock"),
  running: view("running", "running", "play"),
  pausing: view("pausing", "paused", "pause"),
  paused: view("paused", "paused", "pause"),
  cancelling: view("cancelling", "cancelling", "stop"),
  succeeded: view("succeeded", "succeeded", "check"),
  failed: view("failed", "failed", "cross"),
  cancelled: view("cancelled", "cancelled", "ban"),
  rolled_back: view("rolled back", "undo", "undo"),
  rollback_failed: view("rollback failed", "failed", "warning"),
};

/** The order in which states are listed: those that an operator looks for first. */
export const STATES_IN_ORDER = [
  "running",
  "queued",
  "pausing",
  "paused",
  "cancelling",
  "failed",
  "rollback_failed",
  "cancelled",
  "rolled_back",
  "succeeded",
] as const satisfies readonly State[];

/** Whether a job holds its slot and does not get on: it makes no checkpoint, or its code does not hear that it has to stop. */
export const isStuck = ({ state, abandoned, stalled }: Pick<JobPlace, "state" | "abandoned" | "stalled">): boolean =>
  (abandoned || stalled) && isLeased(state);

/** How a job's state is shown at `now` (epoch ms). */
export function stateView(job: JobPlace, now: number): StateView {
  if (!isStuck(job)) return lifeView(job, now);
  return view(job.abandoned ? "not stopping" : "stalled", "cancelling", "warning");
}

function lifeView(job: JobPlace, now: number): StateView {
  if (job.phase === "rollback") return rollbackView(job);
  if (job.state === "queued" && Date.parse(job.availableAt) > now) {
    return job.startedAt === null
      ? view("scheduled", "waiting", "calendar")
      : view("waits to go on", "waiting", "retry");
  }
  return STATE_VIEWS[job.state];
}

function rollbackView({ state }: JobPlace): StateView {
  switch (state) {
    case "queued":
      return view("waiting to roll back", "undo", "clock");
    case "running":
      return view("rolling back", "undo", "undo");
    case "pausing":
      return view("pausing rollback", "paused", "pause");
    case "paused":
      return view("rollback paused", "paused", "pause");
    case "cancelling":
      return view("giving up rollback", "cancelling", "stop");
    case "succeeded":
    case "failed":
    case "cancelled":
    case "rolled_back":
    case "rollback_failed":
      return STATE_VIEWS[state];
  }
}
