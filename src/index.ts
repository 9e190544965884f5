// The public entry: what an author of job types and a program that embeds Pawl need. Stores have entries of their own.
export type { AuditEntry, AuditFilter, Caller, IssuedToken, NewToken, Scope, Token } from "./domain/access.ts";
export { ERROR_CODES, type ErrorCode, PawlError } from "./domain/errors.ts";
export type { HistoryEntry, LogLevel, LogLine } from "./domain/history.ts";
export { Interruption, type InterruptionCause, PermanentError, TryAgainLater } from "./domain/interruption.ts";
export type { Artifact, Job, JobSummary, Json } from "./domain/job.ts";
export type {
  AwaitedState,
  BulkAnswer,
  BulkRequest,
  CallOptions,
  ControlAnswer,
  ControlOptions,
  DedupeRequest,
  JobControl,
  JobEdit,
  JobFilter,
  JobTypeInfo,
  ListRequest,
  Page,
  PageRequest,
  RetryOptions,
  StopOptions,
  SubmitAnswer,
  SubmitOptions,
  SubmitRequest,
} from "./domain/job-control.ts";
export type { Action, Phase, State } from "./domain/lifecycle.ts";
export type { Progress } from "./domain/progress.ts";
export type { Queue, QueueEdit, RateLimit } from "./domain/queue.ts";
export type { BackoffFunction, BackoffPolicy, FailedAttempt } from "./domain/retry.ts";
export type { MissedPolicy, NewSchedule, OverlapPolicy, Schedule, ScheduleEdit } from "./domain/schedule.ts";
export type { MinuteStats, Stats, WorkerInfo } from "./domain/stats.ts";
export { createManager, type ManagerOptions } from "./engine/create-manager.ts";
export { defineJob, type JobDefinition } from "./engine/define-job.ts";
export { fileRef } from "./engine/file-ref.ts";
export type {
  ArtifactOptions,
  ArtifactWriter,
  Batch,
  BatchOptions,
  IterateOptions,
  JobContext,
  JobLog,
  ProgressReporter,
} from "./engine/job-context.ts";
export type {
  Access,
  AuditPage,
  AuditRequest,
  Files,
  LocalSubmitOptions,
  Manager,
  OpenFile,
  Queues,
  Schedules,
  SessionCaller,
  SignedIn,
} from "./engine/manager.ts";
export type { Keep, Retention } from "./engine/pruner.ts";
export { systemClock } from "./engine/system-clock.ts";
export type { Clock } from "./ports/clock.ts";
export type { EffectsTarget } from "./ports/effects.ts";
export type { FileStore } from "./ports/file-store.ts";
export type { Logger } from "./ports/logger.ts";
export type { Notice } from "./ports/notifier.ts";
export type { ReadableFile, RecordSource, SourceContext, SourceEntry } from "./ports/record-source.ts";
export type { AuditWrite, FileEntry, Store } from "./ports/store.ts";
export type { TransactionClient } from "./ports/transaction.ts";
export {
  type CsvHeader,
  type CsvOptions,
  type CsvRecord,
  countCsvRecords,
  csvRecords,
  readCsvHeader,
} from "./sources/csv-records.ts";
export { type IterableOptions, iterableRecords } from "./sources/iterable-records.ts";
export { type PagedOptions, pagedRecords } from "./sources/paged-records.ts";
