// What a caller can do with jobs. The manager in this process and a client over HTTP both implement this one interface,
// so that code which steers jobs does not care where they run.
import type { HistoryEntry, LogLine } from "./history.ts";
import type { Artifact, Job, JobSummary, Json } from "./job.ts";
import type { Action, Phase, State } from "./lifecycle.ts";

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
  /** How long an attempt may take, in ms. Default: what the job type says. */
  readonly timeoutMs?: number;
  /** Submits of the same type and key within `windowMs` count as one; see `DedupeRequest`. */
  readonly dedupe?: DedupeRequest;
}

/**
 * - `once`: within the window after the first submit, further ones answer its job, whatever became of it.
 * - `throttle`: the first runs at once; those of the rest of the window become one job at its end, with the last input.
 * - `debounce`: runs when `windowMs` have passed without a further submit, with the last input.
 */
export interface DedupeRequest {
  readonly key: string;
  readonly windowMs: number;
  readonly mode: "once" | "throttle" | "debounce";
}

/** Who asks, and why. Both go into the job's history. */
export interface CallOptions {
  /** Default: `local`. */
  readonly actor?: string;
}

export interface SubmitOptions extends CallOptions {
  /** Makes the submit repeatable: the same key and request of the same actor answer the same job for 24 hours. */
  readonly idempotencyKey?: string;
  /** Of all that belongs to the request, where that is more than the request: files. Default: of the request. */
  readonly digest?: string;
}

/** `created`: new. `existing`: an earlier submit's job stands for this one. */
export interface SubmitAnswer {
  readonly outcome: "created" | "existing";
  readonly job: Job;
}

/** What to change of a job that waits or is paused; what is left out stays. */
export interface JobEdit {
  readonly priority?: number;
  /** ISO 8601; a time in the past runs it now. */
  readonly availableAt?: string;
  /** The whole input. A secret field that is given as `[secret]` keeps its value. */
  readonly input?: unknown;
  readonly labels?: Readonly<Record<string, string>>;
  readonly maxAttempts?: number;
}

export interface BulkRequest {
  readonly action: Action;
  readonly filter: JobFilter;
  readonly reason?: string;
  /** Only count. */
  readonly dryRun?: boolean;
}

/** `refused`: those whose state does not allow the action, or were changed by somebody else meanwhile. */
export interface BulkAnswer {
  readonly matched: number;
  readonly requested: number;
  readonly refused: number;
}

export interface ControlOptions extends CallOptions {
  readonly reason?: string;
  /** Unique per job: a replayed request only repeats its answer. */
  readonly requestId?: string;
  /** Only while the job is in this phase: in the other one it is not allowed. Default: in either. */
  readonly phase?: Phase;
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
  /** 1 to 10,000. Default 1,000. */
  readonly limit?: number;
}

/** What `waitUntil` can wait for: a state, or any final state. */
export type AwaitedState = State | "final";

/**
 * Steers jobs. Every method rejects with a `PawlError` whose `code` says why:
 * `job_not_found`, `action_not_allowed` (with `state` and `allowedActions`), `unknown_job_type`, `invalid_input`,
 * `key_taken`, `exclusive_group_taken`, `queue_full`, `store_unavailable`, ...
 */
export interface JobControl {
  /** Stores a job. It is durable when this resolves. */
  submit(request: SubmitRequest, options?: SubmitOptions): Promise<Job>;
  /** Like `submit`, and says whether the job is new: with an idempotency key or deduplication it may be an earlier one. */
  submitOnce(request: SubmitRequest, options?: SubmitOptions): Promise<SubmitAnswer>;
  /** Stores up to 1,000 jobs, all or none; a refusal names the member. Deduplication is not possible here. */
  submitAll(requests: readonly SubmitRequest[], options?: SubmitOptions): Promise<readonly Job[]>;
  /** Rejects with `action_not_allowed` unless the job is `queued` or `paused`. */
  edit(id: string, change: JobEdit, options?: ControlOptions): Promise<Job>;
  /** Asks the same of every job that matches now; jobs that are submitted meanwhile are not meant. */
  bulk(request: BulkRequest, options?: CallOptions): Promise<BulkAnswer>;
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
  waitUntil(
    id: string,
    until: AwaitedState | readonly AwaitedState[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<Job>;
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
  /** `process`: each attempt runs in a process of its own. */
  readonly isolation: "inline" | "process";
  readonly defaults: { readonly queue: string; readonly maxAttempts: number; readonly timeoutMs: number | null };
  /** Jobs that may run at once in all processes; `null`: any number. */
  readonly concurrency: { readonly total: number | null; readonly perKey: number | null };
}
