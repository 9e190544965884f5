// Public entry `pawl/client`: steers the jobs of a server over HTTP, from browsers and from Node. Nothing of Node and no
// package comes along.

export type { AuditEntry, IssuedToken, NewToken, Scope, Token } from "../domain/access.ts";
export { type ErrorCode, type ErrorExtras, type InputProblem, PawlError } from "../domain/errors.ts";
export type { HistoryEntry, HistoryKind, LogLevel, LogLine } from "../domain/history.ts";
export type { Artifact, Job, JobSummary, Json } from "../domain/job.ts";
export type {
  AwaitedState,
  BulkAnswer,
  BulkRequest,
  ControlAnswer,
  ControlOptions,
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
} from "../domain/job-control.ts";
export type { Action, Phase, State } from "../domain/lifecycle.ts";
export type { Queue, QueueEdit, RateLimit } from "../domain/queue.ts";
export type { NewSchedule, Schedule, ScheduleEdit } from "../domain/schedule.ts";
export type { MinuteStats, Stats, WorkerInfo } from "../domain/stats.ts";
export type { AuditPage, AuditRequest, ClientAccess, Session } from "./access.ts";
export type { Catalog, Dataset, DatasetRowPage, RowsRequest, TeamPage } from "./catalog.ts";
export { type Client, type ClientOptions, createClient } from "./client.ts";
export type { ClientClock } from "./client-clock.ts";
export type { ClientArtifacts, ClientFiles, FileView, UploadOptions } from "./files.ts";
export type { Follow, FollowOptions, JobEvent, JobsEvent } from "./follow.ts";
export type { ClientQueues } from "./queues.ts";
export type { Connection, StreamOptions } from "./reconnect.ts";
export type { Records } from "./records.ts";
export type { ClientSchedules } from "./schedules.ts";
export type { ReadOptions } from "./send.ts";
