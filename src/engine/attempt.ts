// One attempt under way: which job, which lease, where it stands, and whether it has been asked to stop.
// The strongest request wins; once asked, an attempt stays asked until it has ended.

import { Interruption, type InterruptionCause } from "../domain/interruption.ts";
import type { JobRecord } from "../domain/job.ts";
import type { LeaseRef } from "../ports/store.ts";
import { createPosition, type Position } from "./position.ts";
import type { RegisteredType } from "./registry.ts";

export interface Attempt {
  readonly record: JobRecord;
  readonly type: RegisteredType;
  readonly lease: LeaseRef;
  readonly position: Position;
  /** What it has been asked, `null` while it may go on. */
  readonly interruption: Interruption | null;
  readonly signal: AbortSignal;
  interrupt(cause: InterruptionCause): void;
  /** Throws the interruption, if there is one. */
  throwIfInterrupted(): void;
  /** Calls back when the attempt is asked to stop, at once if it was; the answer takes that back. */
  onInterrupt(callback: () => void): () => void;
}

/** Later in this list is stronger. */
const STRENGTH: readonly InterruptionCause[] = ["drain", "pause", "cancel", "terminate", "lease_lost"];

export function createAttempt(record: JobRecord, type: RegisteredType, workerId: string): Attempt {
  const callbacks = new Set<() => void>();
  let interruption: Interruption | null = null;
  // Most handlers never look at their signal: an AbortController for each would cost more than the rest of the attempt.
  let controller: AbortController | null = null;

  return {
    record,
    type,
    lease: { id: record.id, workerId, token: record.token },
    position: createPosition(record),
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
