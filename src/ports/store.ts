// What the engine needs of a database, by role. Both databases implement it, and one contract suite runs on both.
// Three promises hold for every method: what it answers is committed; one refused member of a batch never fails the rest;
// and every write of an attempt counts only with the job's present worker and token (else it answers "lease lost").
// Time is the store's own: callers pass durations, never "now".
import type { PawlError } from "../domain/errors.ts";
import type { HistoryEntry, LogLevel, LogLine } from "../domain/history.ts";
import type { JobRecord, Json } from "../domain/job.ts";
import type { JobFilter } from "../domain/job-control.ts";
import type { Action, OutcomeEvent } from "../domain/lifecycle.ts";
import type { Progress } from "../domain/progress.ts";
import type { Notifier } from "./notifier.ts";

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
> & {
  /** Epoch ms, `null` for at once. */
  readonly availableAt: number | null;
  readonly actor: string;
  /** Refused with `queue_full` when its queue already holds this many `queued` jobs. */
  readonly queueLimit: number;
  /** Uploaded files that belong to this job from now on, and go when it goes. */
  readonly fileIds: readonly string[];
};

export type InsertResult =
  | { readonly kind: "inserted"; readonly at: number }
  | { readonly kind: "key_taken" | "exclusive_group_taken"; readonly holder: string }
  | { readonly kind: "queue_full" };

/** Names an attempt. All writes of an attempt carry it. */
export interface LeaseRef {
  readonly id: string;
  readonly workerId: string;
  readonly token: number;
}

export interface ClaimRequest {
  readonly workerId: string;
  /** Only jobs of these types. */
  readonly types: readonly string[];
  readonly limit: number;
}

export interface ClaimResult {
  /** `worker_dead`: the worker's lease has expired; it must take a new id. */
  readonly kind: "claimed" | "worker_dead";
  readonly jobs: readonly JobRecord[];
  /** In how many ms the next waiting job becomes available, of those not claimed; `null` when none waits. */
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
  /** Why a `halt` came, for the history: `pause`, `cancel`, `drain`, ... */
  readonly cause?: string;
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
}

export type ControlResult =
  | { readonly kind: "requested" | "already" | "refused"; readonly job: JobRecord }
  /** Leaving a final state takes `key` and exclusive group again; another job holds one of them. */
  | { readonly kind: "key_taken" | "exclusive_group_taken"; readonly job: JobRecord; readonly holder: string }
  | { readonly kind: "missing" };

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

/** Jobs, and everything that moves them. */
export interface JobStore {
  /** Members are judged in order: of two with the same key, the first is inserted. */
  insert(jobs: readonly NewJob[]): Promise<readonly InsertResult[]>;
  /** Those that exist, in any order. */
  get(ids: readonly string[]): Promise<readonly JobRecord[]>;
  list(query: ListQuery): Promise<readonly JobRecord[]>;
  /** Takes up to `limit` waiting jobs: highest priority first, then the longest available, then the oldest. */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /** `true` where the lease holds. A `seq` that is not greater than the stored one changes nothing. Resets `crashCount`. */
  checkpoint(writes: readonly CheckpointWrite[]): Promise<readonly boolean[]>;
  reportProgress(writes: readonly ProgressWrite[]): Promise<readonly boolean[]>;
  settle(settlements: readonly Settlement[]): Promise<readonly SettleResult[]>;
  /** Marks an inline attempt that ignores its signal. The mark goes when the attempt settles or is lost. */
  abandon(lease: LeaseRef): Promise<boolean>;
  control(writes: readonly ControlWrite[]): Promise<readonly ControlResult[]>;
  /** Deletes a final job; a `rollback_failed` one only with `force`. */
  remove(id: string, options: { readonly force: boolean }): Promise<RemoveResult>;
}

export interface NewWorker {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
}

export interface ReapOptions {
  /** The crash without checkpoint progress at which a job fails as `crash_loop`. */
  readonly crashLimit: number;
}

export interface Renewal {
  /** `false`: the lease has expired; abort everything, then take a new id. */
  readonly alive: boolean;
  /** Requests that wait for this worker: every job it holds that is `pausing` or `cancelling`, whether pushed before or not. */
  readonly requests: readonly { readonly jobId: string; readonly token: number; readonly action: Action }[];
}

/** Who works, and who is dead. */
export interface LeaseStore {
  register(worker: NewWorker): Promise<void>;
  /** Extends the lease by the store's lease time. */
  renew(workerId: string): Promise<Renewal>;
  /** Ends the lease at a clean stop. Jobs that it still holds are settled as `lost` by the next `reap`. */
  retire(workerId: string): Promise<void>;
  /**
   * Marks workers whose lease has expired dead, and settles the jobs of dead workers as `lost`: any number of times safely.
   * A store with a single owner counts every worker of an earlier process as expired.
   * Answers how many jobs it settled.
   */
  reap(options: ReapOptions): Promise<number>;
}

export interface HistoryStore {
  /** Entries with `seq > after`, oldest first, at most `limit`. */
  history(jobId: string, page: { readonly after: number; readonly limit: number }): Promise<readonly HistoryEntry[]>;
}

export interface LogWrite extends LeaseRef {
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Json;
}

export interface LogStore {
  /**
   * Appends lines; those of a lost lease are dropped. Of each job the newest `keep` lines remain.
   * Answers how many were stored.
   */
  appendLogs(lines: readonly LogWrite[], options: { readonly keep: number }): Promise<number>;
  logs(jobId: string, page: { readonly after: number; readonly limit: number }): Promise<readonly LogLine[]>;
}

/** An entry of the file index. `jobId` is its owner: with it, it goes. */
export interface FileEntry {
  readonly id: string;
  readonly jobId: string | null;
  readonly kind: "upload" | "artifact";
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly sha256: string;
  readonly createdAt: number;
}

export interface FileIndex {
  insertFile(file: Omit<FileEntry, "createdAt">): Promise<void>;
  /** Stores what an attempt made, and shows it in the job's `artifacts`; files of the same job and name are replaced, and their ids answered. `lost`: nothing was written. */
  insertArtifact(
    lease: LeaseRef,
    file: Omit<FileEntry, "createdAt" | "jobId" | "kind">,
  ): Promise<{ readonly lost: boolean; readonly replaced: readonly string[] }>;
  getFiles(ids: readonly string[]): Promise<readonly FileEntry[]>;
  removeFiles(ids: readonly string[]): Promise<void>;
}

/** A database, whole. */
export interface Store {
  readonly jobs: JobStore;
  readonly leases: LeaseStore;
  readonly history: HistoryStore;
  readonly logs: LogStore;
  readonly files: FileIndex;
  readonly notifier: Notifier;
  /** How long a lease lasts without renewal, in ms. */
  readonly leaseMs: number;
  /** Resolves when the store is gone for good, and only another process can open it again. Never after `close`. */
  readonly lost: Promise<PawlError>;
  /** Rejects with `store_unavailable` when the database does not answer. */
  ping(): Promise<void>;
  /** Waits for what is under way, then closes. May come twice. */
  close(): Promise<void>;
}
