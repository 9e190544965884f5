// The operations of the API that the client uses. Of the contract only the types come along, and the schema library stays
// out of the browser: a method or a path that differs from the contract's does not compile.
import type * as access from "../api/access-operations.ts";
import type * as catalog from "../api/catalog-operations.ts";
import type * as control from "../api/control-operations.ts";
import type * as figures from "../api/figure-operations.ts";
import type * as files from "../api/file-operations.ts";
import type * as jobs from "../api/job-operations.ts";
import type { BodyOf, Operation, ParamsOf, QueryOf, ResultOf } from "../api/operation.ts";
import type * as queues from "../api/queue-operations.ts";
import type * as records from "../api/record-operations.ts";
import type * as schedules from "../api/schedule-operations.ts";
import type * as streams from "../api/stream-operations.ts";
import type { Json } from "../domain/json.ts";

export interface Route<T extends Operation> {
  readonly method: T["method"];
  readonly path: T["path"];
  /** Sent twice, it does no more than once, and the second answer is as good as the first. */
  readonly repeatable: boolean;
  /** Never there: it carries the operation's types. */
  readonly operation?: T;
}

/** A value as it is sent: nothing of it is changed, so that whoever has it read-only may send it. */
type Sent<T> = Json extends T
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Sent<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]: Sent<T[Name]> }
      : T;

export type ParamsFor<T extends Operation> = Sent<ParamsOf<T>>;
export type QueryFor<T extends Operation> = Sent<QueryOf<T>>;
export type BodyFor<T extends Operation> = Sent<BodyOf<T>>;
export type { Operation, ResultOf };

const route = <T extends Operation>(method: T["method"], path: T["path"]): Route<T> => ({
  method,
  path,
  repeatable: method === "GET",
});

/** Of a change that leads to the same however often it is made. */
const repeatable = <T extends Operation>(method: T["method"], path: T["path"]): Route<T> => ({
  ...route<T>(method, path),
  repeatable: true,
});

export const ROUTES = {
  submitJob: route<typeof jobs.submitJob>("POST", "/api/v1/jobs"),
  submitJobs: repeatable<typeof jobs.submitJobs>("POST", "/api/v1/jobs/batch"),
  listJobs: route<typeof jobs.listJobs>("GET", "/api/v1/jobs"),
  getJob: route<typeof jobs.getJob>("GET", "/api/v1/jobs/{id}"),
  editJob: route<typeof jobs.editJob>("PATCH", "/api/v1/jobs/{id}"),
  removeJob: route<typeof jobs.removeJob>("DELETE", "/api/v1/jobs/{id}"),
  // Each carries a request id: repeated, it only repeats its answer.
  pauseJob: repeatable<typeof control.pauseJob>("POST", "/api/v1/jobs/{id}/pause"),
  resumeJob: repeatable<typeof control.resumeJob>("POST", "/api/v1/jobs/{id}/resume"),
  cancelJob: repeatable<typeof control.cancelJob>("POST", "/api/v1/jobs/{id}/cancel"),
  terminateJob: repeatable<typeof control.terminateJob>("POST", "/api/v1/jobs/{id}/terminate"),
  retryJob: repeatable<typeof control.retryJob>("POST", "/api/v1/jobs/{id}/retry"),
  rollbackJob: repeatable<typeof control.rollbackJob>("POST", "/api/v1/jobs/{id}/rollback"),
  bulkAction: route<typeof control.bulkAction>("POST", "/api/v1/bulk-actions"),
  listEvents: route<typeof records.listEvents>("GET", "/api/v1/jobs/{id}/events"),
  listLogs: route<typeof records.listLogs>("GET", "/api/v1/jobs/{id}/logs"),
  listArtifacts: route<typeof records.listArtifacts>("GET", "/api/v1/jobs/{id}/artifacts"),
  downloadArtifact: route<typeof records.downloadArtifact>("GET", "/api/v1/jobs/{id}/artifacts/{name}"),
  uploadFile: route<typeof files.uploadFile>("POST", "/api/v1/files"),
  downloadFile: route<typeof files.downloadFile>("GET", "/api/v1/files/{id}"),
  listJobTypes: route<typeof catalog.listJobTypes>("GET", "/api/v1/job-types"),
  listDatasets: route<typeof catalog.listDatasets>("GET", "/api/v1/datasets"),
  listDatasetRows: route<typeof catalog.listDatasetRows>("GET", "/api/v1/datasets/{name}/rows"),
  listTeams: route<typeof catalog.listTeams>("GET", "/api/v1/teams"),
  listQueues: route<typeof queues.listQueues>("GET", "/api/v1/queues"),
  pauseQueue: repeatable<typeof queues.pauseQueue>("POST", "/api/v1/queues/{name}/pause"),
  resumeQueue: repeatable<typeof queues.resumeQueue>("POST", "/api/v1/queues/{name}/resume"),
  editQueue: repeatable<typeof queues.editQueue>("PATCH", "/api/v1/queues/{name}"),
  listSchedules: route<typeof schedules.listSchedules>("GET", "/api/v1/schedules"),
  createSchedule: route<typeof schedules.createSchedule>("POST", "/api/v1/schedules"),
  getSchedule: route<typeof schedules.getSchedule>("GET", "/api/v1/schedules/{name}"),
  editSchedule: route<typeof schedules.editSchedule>("PATCH", "/api/v1/schedules/{name}"),
  removeSchedule: route<typeof schedules.removeSchedule>("DELETE", "/api/v1/schedules/{name}"),
  getStats: route<typeof figures.getStats>("GET", "/api/v1/stats"),
  listWorkers: route<typeof figures.listWorkers>("GET", "/api/v1/workers"),
  streamEvents: route<typeof streams.streamEvents>("GET", "/api/v1/events/stream"),
  streamJob: route<typeof streams.streamJob>("GET", "/api/v1/jobs/{id}/stream"),
  startSession: route<typeof access.startSession>("POST", "/api/v1/session"),
  getSession: route<typeof access.getSession>("GET", "/api/v1/session"),
  endSession: repeatable<typeof access.endSession>("DELETE", "/api/v1/session"),
  listTokens: route<typeof access.listTokens>("GET", "/api/v1/tokens"),
  createToken: route<typeof access.createToken>("POST", "/api/v1/tokens"),
  revokeToken: repeatable<typeof access.revokeToken>("DELETE", "/api/v1/tokens/{id}"),
  listAudit: route<typeof access.listAudit>("GET", "/api/v1/audit"),
} as const;
