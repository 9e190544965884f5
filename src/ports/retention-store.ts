// Deletes what is kept no longer, in bounded pieces, so that nobody waits long behind it.
import type { State } from "../domain/lifecycle.ts";

/** Which final jobs go: older than `maxAgeMs` since they finished, or beyond the newest `maxCount` (by submission). */
export interface PruneRule {
  /** A final state; never `rollback_failed`. */
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
  /** Deletes final jobs with everything of them in the store. */
  prune(rule: PruneRule): Promise<Pruned>;
  /** Forgets uploads older than `ageMs` that no job ever took; answers their ids. */
  pruneUploads(options: { readonly ageMs: number; readonly limit: number }): Promise<readonly string[]>;
  /** Forgets idempotency keys and deduplication windows that have ended, and minutes older than a day. */
  pruneExpired(): Promise<void>;
}
