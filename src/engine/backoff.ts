// How long a job waits after a failed attempt. An author's own backoff is asked first; what it answers wrongly is made up
// for, since a mistake there must not cost the job.
import { LONGEST_WAIT_MS } from "../domain/interruption.ts";
import {
  type BackoffFunction,
  type BackoffPolicy,
  backoffMs,
  DEFAULT_RETRY,
  type FailedAttempt,
} from "../domain/retry.ts";

export interface RetryWait {
  readonly ms: number;
  /** What is wrong with the author's backoff, `null` when nothing is. */
  readonly problem: string | null;
}

/** @param random a number in [0, 1) */
export function retryWait(backoff: BackoffPolicy | BackoffFunction, failure: FailedAttempt, random: number): RetryWait {
  if (typeof backoff === "object") return { ms: backoffMs(backoff, failure.attempt, random), problem: null };
  const { ms, problem } = ask(backoff, failure);
  return problem === null
    ? { ms, problem }
    : { ms: backoffMs(DEFAULT_RETRY.backoff, failure.attempt, random), problem };
}

function ask(backoff: BackoffFunction, failure: FailedAttempt): RetryWait {
  try {
    const answer: unknown = backoff(failure);
    if (typeof answer === "number" && answer >= 0 && answer <= LONGEST_WAIT_MS) return { ms: answer, problem: null };
    // A backoff that answers a promise must not bring the process down when that is rejected.
    if (answer instanceof Promise) answer.catch(() => {});
    return {
      ms: 0,
      problem: `it answered ${typeof answer === "number" ? answer : `a ${typeof answer}`}, and not a time from 0 to ${LONGEST_WAIT_MS} ms`,
    };
  } catch (error) {
    return { ms: 0, problem: `it threw ${error instanceof Error ? error.message : "something"}` };
  }
}
