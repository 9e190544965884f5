// Where a job stands, as far as the earlier APIs can tell: its state, and two places that the state alone does not show.
// Each of those APIs maps every stage to its words in one table.
import type { Job } from "../../domain/job.ts";
import { isFinal, type State } from "../../domain/lifecycle.ts";

/** `requeued`: it was started, and waits for a worker again. `undoing`: what it did is being undone, or waits for that. */
export type Stage = State | "requeued" | "undoing";

export function stageOf({ state, phase, startedAt }: Pick<Job, "state" | "phase" | "startedAt">): Stage {
  if (phase === "rollback" && !isFinal(state)) return "undoing";
  return state === "queued" && startedAt !== null ? "requeued" : state;
}
