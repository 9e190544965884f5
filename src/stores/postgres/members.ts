// New jobs as the statements take them, and what became of them.
import type { JobChange } from "../../ports/notifier.ts";
import type { InsertResult, NewJob } from "../../ports/store.ts";

/** A member, as `queries.insert` lists its fields. */
export type Member = readonly unknown[];

const isEmpty = (labels: NewJob["labels"]): boolean => Object.keys(labels).length === 0;

export function memberOf(job: NewJob): Member {
  return [
    job.id,
    job.type,
    job.queue,
    job.key,
    job.exclusiveGroup,
    job.priority,
    isEmpty(job.labels) ? null : JSON.stringify(job.labels),
    JSON.stringify(job.input),
    job.maxAttempts,
    job.canRollback ? 1 : 0,
    job.rollbackOnFailure ? 1 : 0,
    job.availableAt,
    job.actor,
    job.fileIds,
    job.queueLimit,
    job.timeoutMs,
    job.concurrencyKey,
    job.secretFields.length === 0 ? null : JSON.stringify(job.secretFields),
  ];
}

export type WaitingJob = JobChange & { readonly availableAt: number };

/** What became of a submit, and the job that waits because of it. */
export interface Outcome {
  readonly result: InsertResult;
  readonly waiting: WaitingJob | null;
}

/** A new job, as its notice tells of it. */
export const waitingOf = ({ id, type, queue }: NewJob, availableAt: number): WaitingJob => ({
  id,
  type,
  queue,
  state: "queued",
  phase: "forward",
  availableAt,
});

export const QUEUE_FULL: Outcome = { result: { kind: "queue_full" }, waiting: null };
