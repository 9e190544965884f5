// One attempt under way: which job, which lease, where it stands, when it last got on, and whether it has been asked to
// stop. The strongest request wins; once asked, an attempt stays asked until it has ended.
import { Interruption, type InterruptionCause, STOP_CAUSES, type StopCause } from "../domain/interruption.ts";
import type { JobRecord } from "../domain/job.ts";
import { createScrubber, type Scrubber, secretTexts } from "../domain/secrets.ts";
import type { Clock } from "../ports/clock.ts";
import type { LeaseRef } from "../ports/store.ts";
import { createPosition, type Position } from "./position.ts";
import type { RegisteredType } from "./registry.ts";

export interface Attempt {
  readonly record: JobRecord;
  readonly type: RegisteredType;
  readonly lease: LeaseRef;
  readonly position: Position;
  /** Takes the job's secrets out of what it says. */
  readonly scrubber: Scrubber;
  /** How long it may take, in ms; `null`: any time. */
  readonly timeoutMs: number | null;
  /** When something of it was committed last, or else when it began, on the monotonic clock. */
  readonly progressedAt: number;
  /** A checkpoint, a step or an entry of the journal was committed. */
  markProgress(): void;
  /** What it has been asked, `null` while it may go on. */
  readonly interruption: Interruption | null;
  readonly signal: AbortSignal;
  interrupt(cause: StopCause): void;
  /** Throws the interruption, if there is one. */
  throwIfInterrupted(): void;
  /** Calls back when the attempt is asked to stop, at once if it was; the answer takes that back. */
  onInterrupt(callback: () => void): () => void;
}

export interface AttemptOptions {
  readonly record: JobRecord;
  readonly type: RegisteredType;
  readonly workerId: string;
  readonly clock: Clock;
}

/** Later in this list is stronger. */
const STRENGTH: readonly InterruptionCause[] = STOP_CAUSES;

export function createAttempt({ record, type, workerId, clock }: AttemptOptions): Attempt {
  const callbacks = new Set<() => void>();
  let interruption: Interruption | null = null;
  let progressedAt = clock.monotonic();
  // Most handlers never look at their signal: an AbortController for each would cost more than the rest of the attempt.
  let controller: AbortController | null = null;
  let scrubber: Scrubber | null = null;

  return {
    record,
    type,
    lease: { id: record.id, workerId, token: record.token },
    position: createPosition(record),
    get scrubber() {
      scrubber ??= scrubberOf(record, type);
      return scrubber;
    },
    timeoutMs: record.phase === "forward" ? (record.timeoutMs ?? type.timeoutMs) : null,
    get progressedAt() {
      return progressedAt;
    },
    markProgress() {
      progressedAt = clock.monotonic();
    },
    get interruption() {
      return interruption;
    },
    get signal() {
      if (!controller) {
        controller = new AbortController();
        if (interruption) controller.abort(interruption);
      }
      return controller.signal;
    },
    interrupt(cause) {
      if (interruption && STRENGTH.indexOf(interruption.cause) >= STRENGTH.indexOf(cause)) return;
      interruption = new Interruption(cause);
      controller?.abort(interruption);
      for (const callback of [...callbacks]) callback();
    },
    throwIfInterrupted() {
      if (interruption) throw interruption;
    },
    onInterrupt(callback) {
      if (interruption) callback();
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
  };
}

/** The fields that were secret at the submit, and those that the type calls secret now. */
function scrubberOf(record: JobRecord, type: RegisteredType): Scrubber {
  return createScrubber(secretTexts(record.input, [...record.secretFields, ...type.secretFields]));
}
