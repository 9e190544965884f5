// Deletes what is kept no longer, in bounded pieces, so that nobody waits long behind it.
import type { State } from "../domain/lifecycle.ts";

/**
 * Which final jobs go: finished `maxAgeMs` ago or longer, and of the others those beyond the newest `maxCount` (by
 * submission). `null`: no such rule.
 */
export interface PruneRule {
  /** A final state. Nothing of another goes, and nothing that is `rollback_failed`. */
  readonly state: State;
  readonly maxAgeMs: number | null;
  readonly maxCount: number | null;
  /** Jobs to delete at most in this call. */
  readonly limit: number;
}

export interface Pruned {
  readonly jobs: number;
  /** Files that are nobody's now: their bytes can go. */
  readonly fileIds: readonly string[];
  /** Call again: there may be more. */
  readonly more: boolean;
}

export interface RetentionStore {
  /**
   * Deletes final jobs with everything of them in the store. Jobs with much of their own go fewer at a time: a call may
   * delete less than `limit` and still answer `more`.
   *
   * @example
   * while ((await store.retention.prune({ state: "succeeded", maxAgeMs: 86_400_000, maxCount: null, limit: 500 })).more);
   */
  prune(rule: PruneRule): Promise<Pruned>;
  /** Forgets uploads older than `ageMs` that are no job's: never taken, or given back; answers their ids. */
  pruneUploads(options: { readonly ageMs: number; readonly limit: number }): Promise<readonly string[]>;
  /** Forgets idempotency keys and deduplication windows that have ended, and minutes older than a day. */
  pruneExpired(): Promise<void>;
}
