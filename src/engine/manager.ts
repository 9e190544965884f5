// One process's jobs, whole: submit and steer them, run them, watch them. The library's main object, and all that the
// HTTP server knows of the engine.
import type { AuditEntry, AuditFilter, Caller, IssuedToken, NewToken, Token } from "../domain/access.ts";
import type { Job, JobSummary } from "../domain/job.ts";
import type {
  CallOptions,
  ControlOptions,
  JobControl,
  JobTypeInfo,
  SubmitAnswer,
  SubmitOptions,
  SubmitRequest,
} from "../domain/job-control.ts";
import type { Queue, QueueEdit } from "../domain/queue.ts";
import type { NewSchedule, Schedule, ScheduleEdit } from "../domain/schedule.ts";
import type { Stats, WorkerInfo } from "../domain/stats.ts";
import type { Notice } from "../ports/notifier.ts";
import type { AuditWrite, FileEntry } from "../ports/store.ts";
import type { TransactionClient } from "../ports/transaction.ts";
import type { Service } from "./service.ts";

/** A stored file, to be read from its beginning or any part of it: `[start, end)`. */
export interface OpenFile {
  readonly file: FileEntry;
  read(range?: { readonly start?: number; readonly end?: number }): AsyncIterable<Uint8Array>;
}

/** Uploaded files and artifacts, as callers use them. */
export interface Files {
  /**
   * Stores a stream, durably. Rejects with `payload_too_large`, `quota_exceeded` or `storage_full`, and leaves nothing
   * behind then.
   */
  upload(
    bytes: AsyncIterable<Uint8Array>,
    file: { readonly name: string; readonly mediaType: string; readonly maxBytes: number },
  ): Promise<FileEntry>;
  /** `null` when there is no such file. */
  get(id: string): Promise<FileEntry | null>;
  /** Rejects with `not_found`. */
  open(id: string): Promise<OpenFile>;
  /** Rejects with `not_found` or `job_not_found`. */
  artifact(jobId: string, name: string): Promise<OpenFile>;
  /** Deletes these files, whoever uses them: for uploads whose submit was refused. */
  discard(ids: readonly string[]): Promise<void>;
}

/** Queues, as operators see and set them. A queue that nobody set anything for is there as long as it holds jobs. */
export interface Queues {
  /** By name: those that were ever set, and those that hold unfinished jobs. */
  list(): Promise<readonly Queue[]>;
  /** No job of the queue is claimed until `resume`; what runs goes on. Pausing a paused queue changes nothing. */
  pause(name: string, options?: ControlOptions): Promise<Queue>;
  resume(name: string): Promise<Queue>;
  /** Sets or, with `null`, takes away limits. */
  edit(name: string, change: QueueEdit): Promise<Queue>;
}

/** Schedules. Methods that name one reject with `not_found` when there is none. */
export interface Schedules {
  list(): Promise<readonly Schedule[]>;
  get(name: string): Promise<Schedule>;
  /** Rejects with `name_taken`, `unknown_job_type`, `invalid_input`, or `invalid_request` for a cron expression or time zone. */
  create(schedule: NewSchedule): Promise<Schedule>;
  edit(name: string, change: ScheduleEdit): Promise<Schedule>;
  /** Its jobs stay. */
  remove(name: string): Promise<void>;
}

/** Tokens, the sessions that they open, and the audit of what callers did. */
export interface Access {
  /** Rejects with `name_taken` when a valid token has the name, and with `invalid_request`. */
  createToken(token: NewToken, options?: CallOptions): Promise<IssuedToken>;
  /** Ended ones too, newest first. */
  tokens(): Promise<readonly Token[]>;
  /** Ends it, with its sessions. Rejects with `not_found`. Revoking a revoked token changes nothing. */
  revokeToken(id: string, options?: CallOptions): Promise<Token>;
  /** Whether a token was ever made: from then on callers need one, unless told otherwise. */
  hasTokens(): Promise<boolean>;
  /** Whose token this is; `null` when it is none, or none that is valid. Known within a second after a change elsewhere. */
  identify(token: string): Promise<Caller | null>;
  /** Starts a session for who holds the token; `null` when it is not valid. */
  signIn(token: string): Promise<SignedIn | null>;
  /** Whose session this is; `null` when it has ended or its token has. */
  resumeSession(session: string): Promise<SessionCaller | null>;
  signOut(session: string): Promise<void>;
  /** Calls `onEnd` once, within two seconds after the caller's token has ended. Returns how to stop that. */
  watch(caller: Caller, onEnd: () => void): () => void;
  /** Durable when it resolves. */
  record(entries: readonly AuditWrite[]): Promise<void>;
  audit(request?: AuditRequest): Promise<AuditPage>;
}

export interface SessionCaller {
  readonly caller: Caller;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface SignedIn extends SessionCaller {
  /** What the browser shows from now on. Kept nowhere. */
  readonly session: string;
}

export interface AuditRequest extends AuditFilter {
  /** Entries older than this one: `nextBefore` of the page before. */
  readonly before?: number;
  /** 1 to 1,000, default 100. */
  readonly limit?: number;
}

export interface AuditPage {
  /** Newest first. */
  readonly items: readonly AuditEntry[];
  /** `null` at the end. */
  readonly nextBefore: number | null;
}

export interface LocalSubmitOptions extends SubmitOptions {
  /**
   * A transaction of your own, in the PostgreSQL database of the store: the `pg` client on which you said `BEGIN`. The job
   * exists if and only if you commit; workers hear of it then. A refusal (`key_taken`, `queue_full`, ...) leaves the
   * transaction usable; an error of the database aborts it, as any statement's does.
   * Rejects with `invalid_request` when the client is not in a transaction, or in another database; and on SQLite.
   *
   * @example
   * await client.query("BEGIN");
   * await client.query("INSERT INTO orders (id) VALUES ($1)", [order]);
   * await manager.submit({ type: "ship-order", input: { order } }, { tx: client });
   * await client.query("COMMIT");
   */
  readonly tx?: TransactionClient;
}

export interface Manager extends JobControl, Service {
  submit(request: SubmitRequest, options?: LocalSubmitOptions): Promise<Job>;
  submitOnce(request: SubmitRequest, options?: LocalSubmitOptions): Promise<SubmitAnswer>;
  submitAll(requests: readonly SubmitRequest[], options?: LocalSubmitOptions): Promise<readonly Job[]>;
  readonly access: Access;
  readonly files: Files;
  readonly queues: Queues;
  readonly schedules: Schedules;
  stats(): Promise<Stats>;
  /** Workers that are alive. */
  workers(): Promise<readonly WorkerInfo[]>;
  jobTypes(): readonly JobTypeInfo[];
  /** Those that exist, in any order: what a stream shows of jobs that changed. */
  summaries(ids: readonly string[]): Promise<readonly JobSummary[]>;
  /** Hears of every committed change until the returned function is called. */
  subscribe(listener: (notice: Notice) => void): () => void;
  /** `starting` until recovery is done, `draining` from the first moment of `stop`. Rejects when the store does not answer. */
  readiness(): Promise<"ready" | "starting" | "draining">;
}
