// Why an attempt is asked to stop before it is done. Every cause meets the code at the same place: a checkpoint.

export const INTERRUPTION_CAUSES = [
  "pause",
  "cancel",
  "terminate",
  "drain",
  "timeout",
  "stalled",
  "lease_lost",
] as const;
export type InterruptionCause = (typeof INTERRUPTION_CAUSES)[number];

/**
 * Thrown by `checkpoint` and `iterate`, and the reason of `job.signal`, when the attempt has to stop.
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

/**
 * Throw this to end the attempt and have the job run again after `afterMs`, from its checkpoint. It holds no worker while
 * it waits, and no attempt is used up.
 *
 * @example
 * if (response.status === 429) throw new TryAgainLater(60_000, "the partner's API asked for a minute");
 */
export class TryAgainLater extends Error {
  readonly afterMs: number;

  constructor(afterMs: number, reason = "not ready yet") {
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
