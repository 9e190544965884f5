// Jobs, and everything that moves them. Batches are arrays: one refused member never fails the rest.
import type { JobRecord, Json } from "../domain/job.ts";
import type { JobFilter } from "../domain/job-control.ts";
import type { Action, OutcomeEvent, Phase } from "../domain/lifecycle.ts";
import type { Progress } from "../domain/progress.ts";
import type { LeaseRef } from "./lease-store.ts";
import type { Step } from "./step-store.ts";
import type { TransactionClient } from "./transaction.ts";

/** A job as it is submitted. */
export type NewJob = Pick<
  JobRecord,
  | "id"
  | "type"
  | "queue"
  | "key"
  | "exclusiveGroup"
  | "priority"
  | "labels"
  | "input"
  | "maxAttempts"
  | "canRollback"
  | "rollbackOnFailure"
  | "timeoutMs"
  | "concurrencyKey"
  | "secretFields"
> & {
  /** Epoch ms, `null` for at once. */
  readonly availableAt: number | null;
  readonly actor: string;
  /** Refused with `queue_full` when its queue already holds this many `queued` jobs. */
  readonly queueLimit: number;
  /**
   * Uploaded files that belong to this job from now on, and go when it goes. One that an edit or a merge leaves out goes to
   * another job that uses it, or is nobody's again.
   */
  readonly fileIds: readonly string[];
  readonly dedupe: Dedupe | null;
};

/**
 * Submits with the same type and `key` within a window count as one. The window begins with the submit that opens it; a
 * submit that is refused opens none.
 * - `once`: the first is inserted; the others answer `existing` with it, whatever became of it: it may be deleted.
 * - `throttle`: the first is inserted; the others of the window become one job, available when the window ends. The next
 *   window begins then, whether or not that job was claimed, and its submits become another job at its end. Until then
 *   each later one is merged into it while it waits; one that was cancelled, deleted or started early is replaced by
 *   another at the same time.
 * - `debounce`: the first is inserted with `availableAt` at the end of the window; each later one is merged into it and
 *   moves the end, as long as the job waits, however late it is. A job that was started, finished or deleted ends the window.
 *
 * A job waits as long as it was never claimed: `queued` or `paused`. Where the window says when a job is available, the
 * submit's own `availableAt` does not count. A merge gives the job the submit's input with all that belongs to it (exclusive
 * group, concurrency key, secret fields, files), its labels and its priority, and leaves an entry `edit` by its actor;
 * everything else of the submit is dropped. A group that another job holds refuses the merge, and nothing is changed.
 */
export interface Dedupe {
  readonly key: string;
  readonly windowMs: number;
  readonly mode: "once" | "throttle" | "debounce";
}

export type InsertResult =
  | { readonly kind: "inserted"; readonly at: number }
  | { readonly kind: "key_taken" | "exclusive_group_taken"; readonly holder: string }
  | { readonly kind: "queue_full" }
  /** Deduplicated: nothing new; this job stands for it. `merged`: it waits, and has the new input now. */
  | { readonly kind: "existing" | "merged"; readonly holder: string };

/** Makes a submit repeatable: the same key and digest of the same caller answer the first time's jobs again. */
export interface Idempotency {
  readonly caller: string;
  readonly key: string;
  /** Of all that was sent. */
  readonly digest: string;
  readonly keepMs: number;
}

export type InsertTogetherResult =
  | { readonly kind: "inserted"; readonly at: number }
  /** The key was used for the same submit before: these were inserted then. Some may be deleted. */
  | { readonly kind: "replayed"; readonly ids: readonly string[] }
  /** The key was used for another submit. */
  | { readonly kind: "idempotency_conflict" }
  /** Nothing was inserted, because of the member at `index`. */
  | { readonly kind: "refused"; readonly index: number; readonly result: InsertResult };

export interface ClaimRequest {
  readonly workerId: string;
  /** Only jobs of these types. */
  readonly types: readonly ClaimableType[];
  /** Only jobs of these queues; left out or `null`: of all. */
  readonly queues?: readonly string[] | null;
  readonly limit: number;
}

/** A type that a worker can run, with its limits: jobs that may hold a lease at once, in all processes. `null`: any number. */
export interface ClaimableType {
  readonly name: string;
  readonly concurrency: number | null;
  /** Of jobs with the same `concurrencyKey`. */
  readonly perKey: number | null;
}

export interface ClaimResult {
  /** `worker_dead`: the worker's lease has expired; it must take a new id. */
  readonly kind: "claimed" | "worker_dead";
  readonly jobs: readonly JobRecord[];
  /**
   * In how many ms time alone makes another job claimable: it becomes available, or a rate limit lets it start. `null` when
   * none waits, or those that wait need something else: a lease that ends, a queue that is resumed. Those publish `work`.
   */
  readonly nextInMs: number | null;
}

/** A checkpoint to commit. `seq` is the attempt's own count, continued from the record it claimed. */
export interface CheckpointWrite extends LeaseRef {
  readonly seq: number;
  readonly cursor: Json;
  readonly progress: Progress;
}

/** Progress between checkpoints: shown, not promised. */
export interface ProgressWrite extends LeaseRef {
  readonly progress: Progress;
}

/** The end of an attempt: the only write that ends it. */
export interface Settlement extends LeaseRef {
  readonly event: OutcomeEvent;
  readonly output?: Json;
  /** For `fail`. `retryInMs: null` says that another attempt cannot mend it. */
  readonly failure?: {
    readonly code: string;
    readonly message: string;
    readonly details: Json;
    readonly retryInMs: number | null;
  };
  /** A last checkpoint, committed with it. */
  readonly checkpoint?: { readonly seq: number; readonly cursor: Json };
  readonly progress?: Progress;
  /** Why a `halt` came, for the history: `pause`, `cancel`, `drain`, `sleep`, ... */
  readonly cause?: string;
  /** For `halt`: the job is not claimed again before this long, wherever it goes. */
  readonly availableInMs?: number;
  /** For `halt`: a step to remember with it. */
  readonly step?: Step;
}

/** Where a settled job went, or `null` when the lease was lost and nothing was written. */
export type SettleResult = Pick<JobRecord, "state" | "phase" | "availableAt"> | null;

export interface ControlWrite {
  readonly id: string;
  readonly action: Action;
  readonly actor: string;
  readonly reason: string | null;
  readonly requestId: string | null;
  /** For cancel and terminate; `null`: as the request before it said, else what the type can do. */
  readonly rollback: boolean | null;
  /** For retry: forget the checkpoint and count a new run. A `rolled_back` job always starts anew. */
  readonly fromStart: boolean;
  /** Refused in another phase; `null`: in any. */
  readonly phase: Phase | null;
}

export type ControlResult =
  | { readonly kind: "requested" | "already" | "refused"; readonly job: JobRecord }
  /** Leaving a final state takes `key` and exclusive group again; another job holds one of them. */
  | { readonly kind: "key_taken" | "exclusive_group_taken"; readonly job: JobRecord; readonly holder: string }
  | { readonly kind: "missing" };

/** What to change of a job that waits or is paused; what is left out stays. */
export interface EditWrite {
  readonly id: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly priority?: number;
  /** Epoch ms, `null` for at once. */
  readonly availableAt?: number | null;
  readonly maxAttempts?: number;
  readonly labels?: JobRecord["labels"];
  readonly input?: Pick<NewJob, "input" | "exclusiveGroup" | "concurrencyKey" | "secretFields" | "fileIds">;
  /** The input that the new one was made of: where it is another one by now, nothing is changed. */
  readonly expectedInput?: Json;
}

export type EditResult =
  /** The history has an entry `edit` with the names of what was given. */
  | { readonly kind: "edited"; readonly job: JobRecord }
  /** It does not wait, or has started and its input is to be replaced. */
  | { readonly kind: "refused"; readonly job: JobRecord }
  /** Its input is not `expectedInput`. */
  | { readonly kind: "changed_meanwhile"; readonly job: JobRecord }
  | { readonly kind: "exclusive_group_taken"; readonly job: JobRecord; readonly holder: string }
  | { readonly kind: "missing" };

/** A job without what may be large. */
export type ListedJob = Omit<JobRecord, "input" | "output">;

/** What an attempt that does not behave is marked as; see `JobRecord`. */
export type AttemptMark = "abandoned" | "stalled";

export interface ListQuery extends JobFilter {
  readonly order: "newest" | "oldest";
  readonly limit: number;
  /** The id to go on after. */
  readonly after: string | null;
}

export type RemoveResult =
  /** Deleted, with everything of it in the store; these files are now nobody's. */
  | { readonly kind: "removed"; readonly fileIds: readonly string[] }
  | { readonly kind: "refused"; readonly job: JobRecord }
  | { readonly kind: "missing" };

/** What a submit asks of a store. */
export type SubmitStore = Pick<JobStore, "insert" | "insertTogether" | "get">;

/** Jobs, and everything that moves them. */
export interface JobStore {
  /** Members are judged in order: of two with the same key, the first is inserted. */
  insert(jobs: readonly NewJob[]): Promise<readonly InsertResult[]>;
  /** All or none. Members must not ask for deduplication. */
  insertTogether(
    jobs: readonly NewJob[],
    options: { readonly idempotency: Idempotency | null },
  ): Promise<InsertTogetherResult>;
  /**
   * Submits as part of a transaction of the caller's: what is answered counts if and only if it commits, and nobody hears of
   * it before. A refused member leaves nothing behind, and the transaction as it was. While it is open, others who submit
   * the same key, exclusive group, deduplication or idempotency key wait for it. A queue's limit counts what is committed
   * and what the transaction itself has added.
   * Throws `invalid_request` where the store cannot take part in a caller's transaction.
   */
  inTransaction(client: TransactionClient): SubmitStore;
  /** Those that exist, in any order. */
  get(ids: readonly string[]): Promise<readonly JobRecord[]>;
  /** As `get`, without what may be large. */
  listed(ids: readonly string[]): Promise<readonly ListedJob[]>;
  list(query: ListQuery): Promise<readonly ListedJob[]>;
  /**
   * Takes up to `limit` waiting jobs: highest priority first, then the longest available, then the oldest. Jobs of paused
   * queues, and those beyond a limit (of their queue, type or concurrency key) are stepped over, however many they are.
   */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /** `true` where the lease holds. A `seq` that is not greater than the stored one changes nothing. Resets `crashCount`. */
  checkpoint(writes: readonly CheckpointWrite[]): Promise<readonly boolean[]>;
  reportProgress(writes: readonly ProgressWrite[]): Promise<readonly boolean[]>;
  settle(settlements: readonly Settlement[]): Promise<readonly SettleResult[]>;
  /** Marks an attempt, with an entry in the history. The mark goes when the attempt settles or is lost; `stalled` also with a checkpoint. */
  mark(lease: LeaseRef, mark: AttemptMark): Promise<boolean>;
  edit(write: EditWrite): Promise<EditResult>;
  control(writes: readonly ControlWrite[]): Promise<readonly ControlResult[]>;
  /** Deletes a final job; a `rollback_failed` one only with `force`. */
  remove(id: string, options: { readonly force: boolean }): Promise<RemoveResult>;
}
