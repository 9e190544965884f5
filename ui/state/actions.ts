// What can be asked of a job, in words and keys. Which of them are allowed is never decided here: the server says it.
import type { Action, JobSummary, Scope } from "../../src/client/index.ts";

export interface ActionView {
  readonly verb: string;
  /** The key that asks for it. */
  readonly key: string;
  /** Whether a person is told what it will do, and asked why, before. */
  readonly asks: boolean;
  /** What whoever asks has to hold. */
  readonly scope: Scope;
}

export const ACTION_VIEWS: Readonly<Record<Action, ActionView>> = {
  pause: { verb: "Pause", key: "p", asks: false, scope: "operate" },
  resume: { verb: "Resume", key: "r", asks: false, scope: "operate" },
  cancel: { verb: "Cancel", key: "x", asks: true, scope: "operate" },
  terminate: { verb: "Terminate", key: "t", asks: true, scope: "operate" },
  retry: { verb: "Retry", key: "y", asks: true, scope: "operate" },
  rollback: { verb: "Roll back", key: "u", asks: true, scope: "admin" },
};

/** The likely one first. */
const LIKELY: readonly Action[] = ["resume", "pause", "retry", "cancel", "rollback", "terminate"];

/** The allowed actions of a job, the likely one first. */
export const actionsOf = ({ allowedActions }: Pick<JobSummary, "allowedActions">): readonly Action[] =>
  LIKELY.filter((action) => allowedActions.includes(action));

/** What is awaited of a job that was asked to stop, or `null`. */
export function awaited(job: JobSummary): { readonly what: string; readonly since: number } | null {
  if (job.control === null || job.control.reachedAt !== null) return null;
  const since = Date.parse(job.control.requestedAt);
  if (job.abandoned) return { what: "its code does not listen; it ends with its process", since };
  if (job.state === "pausing") return { what: "waiting for the next checkpoint", since };
  if (job.state === "cancelling") return { what: "waiting for the attempt to stop", since };
  return null;
}
