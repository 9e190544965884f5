// Queues as operators set them. A queue needs no declaration: one that nobody set anything for runs without limits.
import type { QueueRecord, RateLimit } from "../domain/queue.ts";

/** What to change; what is left out stays, `null` takes a limit or a pause away. */
export interface QueueChange {
  readonly name: string;
  readonly paused?: { readonly actor: string; readonly reason: string | null } | null;
  readonly concurrency?: number | null;
  readonly rateLimit?: RateLimit | null;
}

export interface QueueStore {
  /** Those that were ever set, by name. */
  queues(): Promise<readonly QueueRecord[]>;
  /**
   * Changes a queue in one transaction, and wakes workers where more may run now. Pausing a paused queue keeps its first
   * pause. A rate limit counts starts from when the queue got one.
   */
  setQueue(change: QueueChange): Promise<QueueRecord>;
}
