// Why an attempt is asked to stop before it is done. Every cause meets the code at the same place: a checkpoint.

/** What an attempt can be asked to stop for, the weakest first: a stronger one takes the place of a weaker one. */
export const STOP_CAUSES = ["drain", "pause", "timeout", "stalled", "cancel", "terminate", "lease_lost"] as const;
export type StopCause = (typeof STOP_CAUSES)[number];

/** `sleep`: the handler asked for it by itself. */
export type InterruptionCause = StopCause | "sleep";

/**
 * Thrown by `checkpoint`, `iterate`, `step` and `sleep`, and the reason of `job.signal`, when the attempt has to stop.
 * Let it pass: a handler that swallows it and returns is taken at its word, and counts as done.
 */
export class Interruption extends Error {
  override readonly cause: InterruptionCause;

  constructor(cause: InterruptionCause) {
    super(`The attempt was interrupted: ${cause}.`);
    this.name = "Interruption";
    this.cause = cause;
  }
}

/** The longest that a job can sleep, or put itself off: a year. */
export const LONGEST_WAIT_MS = 31_536_000_000;

/**
 * Throw this to end the attempt and have the job run again after `afterMs`, from its checkpoint. It holds no worker while
 * it waits, and no attempt is used up. Waits below 100 ms count as 100 ms; `RangeError` above a year.
 *
 * @example
 * if (response.status === 429) throw new TryAgainLater(60_000, "the partner's API asked for a minute");
 */
export class TryAgainLater extends Error {
  readonly afterMs: number;

  constructor(afterMs: number, reason = "not ready yet") {
    if (!(afterMs >= 0 && afterMs <= LONGEST_WAIT_MS)) {
      throw new RangeError(`TryAgainLater: afterMs is ${afterMs}; use a number from 0 to ${LONGEST_WAIT_MS}, a year.`);
    }
    super(`To be tried again in ${afterMs} ms: ${reason}.`);
    this.name = "TryAgainLater";
    this.afterMs = afterMs;
  }
}

/** Throw this for an error that another attempt cannot mend: a malformed file, a missing account. */
export class PermanentError extends Error {
  readonly code: string;
  readonly details: unknown;

  constructor(
    message: string,
    options: { readonly code?: string; readonly details?: unknown; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "PermanentError";
    this.code = options.code ?? "permanent";
    this.details = options.details ?? null;
  }
}
