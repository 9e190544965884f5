// Writes that an attempt cannot do without: while the store is full or away they are tried again, so that a job waits for
// the store instead of failing because of it.
import { PawlError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";

export interface PersistOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asked with the last error before each further try; `false` gives up with that error. */
  readonly goOn: (error: unknown) => boolean;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

/** Tries `write` until it succeeds, fails for another cause than the store's condition, or is not to go on. */
export async function persist<T>(write: () => Promise<T>, { clock, logger, goOn }: PersistOptions): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    try {
      return await write();
    } catch (error) {
      if (!isPassing(error) || !goOn(error)) throw error;
      logger.warn({ err: error, retryInMs: waitMs }, "The store did not take a write; it is tried again.");
    }
    await new Promise<void>((resolve) => clock.after(waitMs, resolve));
  }
}

/** Conditions of the store that end without a restart: it is full, or does not answer. */
export function isPassing(error: unknown): boolean {
  return error instanceof PawlError && (error.code === "storage_full" || error.code === "store_unavailable");
}
