// What a caller can do with jobs. The manager in this process and a client over HTTP both implement this one interface,
// so that code which steers jobs does not care where they run.
import type { HistoryEntry, LogLine } from "./history.ts";
import type { Artifact, Job, JobSummary, Json } from "./job.ts";
import type { State } from "./lifecycle.ts";

/** What to run, and how. Everything but `type` and `input` may be left out. */
export interface SubmitRequest {
  readonly type: string;
  readonly input: unknown;
  /** Default: `default`. */
  readonly queue?: string;
  /** Higher is claimed first. Integer, default 0. */
  readonly priority?: number;
  /** Not claimed before this time (ISO 8601). Default: now. */
  readonly availableAt?: string;
  /** Default: what the job type says. */
  readonly maxAttempts?: number;
  /** A handle of the caller's choice, unique among unfinished jobs. */
  readonly key?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Who asks, and why. Both go into the job's history. */
export interface CallOptions {
  /** Default: `local`. */
  readonly actor?: string;
}

export interface ControlOptions extends CallOptions {
  readonly reason?: string;
  /** Unique per job: a replayed request only repeats its answer. */
  readonly requestId?: string;
}

export interface StopOptions extends ControlOptions {
  /** Whether to undo what was done. Default: what the type can do. */
  readonly rollback?: boolean;
}

export interface RetryOptions extends ControlOptions {
  /** Default: `checkpoint`. */
  readonly from?: "checkpoint" | "start";
}

/** `requested`: acknowledged and durable. `already`: it was so, or had been asked before; nothing changed. */
export interface ControlAnswer {
  readonly outcome: "requested" | "already";
  readonly job: Job;
}

export interface JobFilter {
  readonly state?: readonly State[];
  readonly type?: readonly string[];
  readonly queue?: readonly string[];
  readonly key?: string;
  /** `name:value`. */
  readonly label?: string;
  /** Prefix of the id or the key. */
  readonly q?: string;
}

export interface ListRequest extends JobFilter {
  /** `newest` (default) or `oldest` first. */
  readonly order?: "newest" | "oldest";
  /** 1 to 200, default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Pass it as `cursor` to go on; `null` at the end. */
  readonly nextCursor: string | null;
}

export interface PageRequest {
  /** Entries with a greater `seq` only. Default 0. */
  readonly after?: number;
  readonly limit?: number;
}

/** What `waitUntil` can wait for: a state, or any final state. */
export type Awaited = State | "final";

/**
 * Steers jobs. Every method rejects with a `PawlError` whose `code` says why:
 * `job_not_found`, `action_not_allowed` (with `state` and `allowedActions`), `unknown_job_type`, `invalid_input`,
 * `key_taken`, `exclusive_group_taken`, `queue_full`, `store_unavailable`, ...
 */
export interface JobControl {
  /** Stores a job. It is durable when this resolves. */
  submit(request: SubmitRequest, options?: CallOptions): Promise<Job>;
  /** `null` when there is no such job. */
  get(id: string): Promise<Job | null>;
  list(request?: ListRequest): Promise<Page<JobSummary>>;
  /** Stops the job at its next checkpoint; `resume` goes on from there. */
  pause(id: string, options?: ControlOptions): Promise<ControlAnswer>;
  resume(id: string, options?: ControlOptions): Promise<ControlAnswer>;
  /** Stops the job for good and, where its type can, undoes what it did. */
  cancel(id: string, options?: StopOptions): Promise<ControlAnswer>;
  /** Like cancel, without grace. On a job in rollback it gives the rollback up. */
  terminate(id: string, options?: StopOptions): Promise<ControlAnswer>;
  /** Runs a failed or cancelled job again, from its checkpoint or from the start; a rolled back one from the start. */
  retry(id: string, options?: RetryOptions): Promise<ControlAnswer>;
  /** Undoes a finished job. */
  rollback(id: string, options?: ControlOptions): Promise<ControlAnswer>;
  /** Deletes a final job with its history, logs and files. `force` is needed for a `rollback_failed` one. */
  remove(id: string, options?: CallOptions & { readonly force?: boolean }): Promise<void>;
  /** Oldest first. */
  history(id: string, page?: PageRequest): Promise<readonly HistoryEntry[]>;
  /** Oldest first. */
  logs(id: string, page?: PageRequest): Promise<readonly LogLine[]>;
  artifacts(id: string): Promise<readonly Artifact[]>;
  /**
   * Resolves with the job as soon as it is in (one of) the awaited state(s). A state that the job has left again before it
   * was looked at is missed: wait for `final` too where that can happen.
   * Rejects with the signal's reason when `signal` aborts, and with `job_not_found` when the job is deleted meanwhile.
   */
  waitUntil(id: string, until: Awaited | readonly Awaited[], options?: { readonly signal?: AbortSignal }): Promise<Job>;
}

/** What a job type says of itself. */
export interface JobTypeInfo {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of the input, `null` when the schema library cannot tell. */
  readonly input: Json;
  readonly canPause: boolean;
  readonly canRollback: boolean;
  readonly isolation: "inline";
  readonly defaults: { readonly queue: string; readonly maxAttempts: number };
}
