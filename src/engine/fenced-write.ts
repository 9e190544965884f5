// What an attempt reads and writes besides its checkpoints: it waits for a store that is full or away, unless the attempt is
// to stop; a write is durable when it resolves, and ends the attempt when its lease is lost.
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Attempt } from "./attempt.ts";
import { persist } from "./persist.ts";

export interface FencedWriteOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Makes a call that the attempt cannot go on without. An attempt that is to stop does not fail because of the store. */
export async function callStore<T>(
  attempt: Attempt,
  call: () => Promise<T>,
  { clock, logger }: FencedWriteOptions,
): Promise<T> {
  try {
    return await persist(call, { clock, logger, goOn: () => attempt.interruption === null });
  } catch (error) {
    attempt.throwIfInterrupted();
    throw error;
  }
}

/** `write` answers whether the lease holds. Throws `Interruption` when it does not. */
export async function fencedWrite(
  attempt: Attempt,
  write: () => Promise<boolean>,
  options: FencedWriteOptions,
): Promise<void> {
  if (!(await callStore(attempt, write, options))) attempt.interrupt("lease_lost");
  if (attempt.interruption?.cause === "lease_lost") throw attempt.interruption;
  attempt.markProgress();
}
