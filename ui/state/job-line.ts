// What is worth knowing about a job, in one line: how far and how fast while it runs, what is awaited, why it does not go on.
import type { JobSummary } from "../../src/client/index.ts";
import { age, duration, roughly } from "../format/duration.ts";
import { awaited } from "./actions.ts";
import { doneText, progressText } from "./progress-text.ts";

interface Surroundings {
  /** Epoch ms. */
  readonly now: number;
  /** Its queue is paused: nothing of it is started. */
  readonly isQueuePaused: boolean;
}

/** Parts that are separated by dots; texts of others may be in it, of any length. */
export function jobLine(job: JobSummary, { now, isQueuePaused }: Surroundings): string {
  const waits = awaited(job);
  if (waits !== null) return `${waits.what} · ${duration(now - waits.since)}`;
  return partsOf(job, now, isQueuePaused)
    .filter((part) => part !== null)
    .join(" · ");
}

type Parts = readonly (string | null)[];

function partsOf(job: JobSummary, now: number, isQueuePaused: boolean): Parts {
  switch (job.state) {
    case "queued":
      return [reached(job), ...waiting(job, now, isQueuePaused)];
    case "running":
    case "pausing":
    case "cancelling":
      return running(job, now);
    case "paused":
      return [reached(job), asked(job, "paused")];
    case "succeeded":
      return [reached(job), `took ${job.runningMs < 100 ? "under 0.1 s" : duration(job.runningMs)}`];
    case "failed":
    case "rollback_failed":
      return [job.error?.message ?? null];
    case "cancelled":
      return [reached(job), asked(job, "cancelled")];
    case "rolled_back":
      return [job.error === null ? asked(job, "undone") : `failed: ${job.error.message}`];
  }
}

function waiting(job: JobSummary, now: number, isQueuePaused: boolean): Parts {
  const inMs = Date.parse(job.availableAt) - now;
  if (inMs <= 0) return [isQueuePaused ? "the queue is paused" : `waits for ${age(-inMs)}`];
  if (job.startedAt === null) return [`starts in ${roughly(inMs)}`];
  return [`goes on in ${roughly(inMs)}`, attempts(job), job.error?.message ?? null];
}

function running(job: JobSummary, now: number): Parts {
  const since = job.checkpoint.savedAt ?? job.startedAt;
  return [
    job.stalled && since !== null ? `no checkpoint for ${age(now - Date.parse(since))}` : null,
    hasProgress(job) || job.progress.message === null ? progressText(job.progress) : null,
    job.progress.message,
    attempts(job),
  ];
}

const hasProgress = ({ progress: { done, total } }: JobSummary): boolean => done > 0 || total !== null;

/** How far it came, when it came anywhere. */
const reached = (job: JobSummary): string | null => (hasProgress(job) ? doneText(job.progress) : null);

const attempts = ({ attempt, maxAttempts }: JobSummary): string | null =>
  attempt > 1 ? `attempt ${attempt} of ${maxAttempts}` : null;

function asked({ control }: JobSummary, what: string): string | null {
  if (control === null) return null;
  return `${what} by ${control.actor}${control.reason === null ? "" : `: ${control.reason}`}`;
}
