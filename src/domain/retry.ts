// When a failed or crashed job is tried again. Pure: the caller brings the randomness.

/** How long to wait before attempt n+1. Durations in milliseconds. */
export interface BackoffPolicy {
  readonly kind: "fixed" | "exponential";
  readonly baseMs: number;
  readonly maxMs: number;
}

/** What is known of a failed attempt when the wait after it is decided. */
export interface FailedAttempt {
  /** Which attempt failed, from 1. */
  readonly attempt: number;
  readonly code: string;
  readonly message: string;
}

/** An author's own backoff: answers the wait after a failed attempt, in ms. */
export type BackoffFunction = (failure: FailedAttempt) => number;

/** How a job type wants to be retried. `attempts` counts the first try too. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly backoff: BackoffPolicy | BackoffFunction;
}

export const DEFAULT_RETRY = {
  attempts: 3,
  backoff: { kind: "exponential", baseMs: 1_000, maxMs: 3_600_000 },
} as const satisfies RetryPolicy;

/** Crashes without checkpoint progress after which a job is taken for the cause and fails as `crash_loop`. */
export const DEFAULT_CRASH_LIMIT = 5;

/** The first crash is retried at once, the second after this long, each further one after twice as long. */
export const CRASH_BACKOFF: BackoffPolicy = { kind: "exponential", baseMs: 1_000, maxMs: 60_000 };

/**
 * The wait after failed attempt number `attempt` (from 1), in milliseconds.
 * Exponential waits take "equal jitter" (half fixed, half random), so that jobs which failed together do not return together;
 * see "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param random a number in [0, 1)
 * @example
 * backoffMs({ kind: "exponential", baseMs: 1000, maxMs: 60000 }, 3, 0.5); // 3000
 */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: number): number {
  if (policy.kind === "fixed") return Math.min(policy.baseMs, policy.maxMs);
  const full = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random);
}

/** The wait after crash number `crashCount` (from 1), in milliseconds. */
export function crashBackoffMs(crashCount: number): number {
  if (crashCount < 2) return 0;
  return Math.min(CRASH_BACKOFF.maxMs, CRASH_BACKOFF.baseMs * 2 ** (crashCount - 2));
}
