// All operations of the API, in the order in which the document shows them. What is not here is not served.
import {
  createToken,
  endSession,
  getSession,
  listAudit,
  listTokens,
  revokeToken,
  startSession,
} from "./access-operations.ts";
import { listDatasetRows, listDatasets, listJobTypes, listTeams } from "./catalog-operations.ts";
import { CSV_TASK_OPERATIONS } from "./compat/csv-tasks.ts";
import { FILE_TASK_OPERATIONS } from "./compat/file-tasks.ts";
import { HALT_RESUME_OPERATIONS } from "./compat/halt-resume.ts";
import { START_STOP_OPERATIONS } from "./compat/start-stop.ts";
import { WORKER_POOL_OPERATIONS } from "./compat/worker-pool.ts";
import {
  bulkAction,
  cancelJob,
  pauseJob,
  resumeJob,
  retryJob,
  rollbackJob,
  terminateJob,
} from "./control-operations.ts";
import { getMetrics, getStats, listWorkers } from "./figure-operations.ts";
import { downloadFile, uploadFile } from "./file-operations.ts";
import { editJob, getJob, listJobs, removeJob, submitJob, submitJobs } from "./job-operations.ts";
import type { Operation } from "./operation.ts";
import { editQueue, listQueues, pauseQueue, resumeQueue } from "./queue-operations.ts";
import { downloadArtifact, listArtifacts, listEvents, listLogs } from "./record-operations.ts";
import { createSchedule, editSchedule, getSchedule, listSchedules, removeSchedule } from "./schedule-operations.ts";
import { health, openApi, readiness } from "./server-operations.ts";
import { streamEvents, streamJob } from "./stream-operations.ts";

export const OPERATIONS: readonly Operation[] = [
  submitJob,
  submitJobs,
  listJobs,
  getJob,
  editJob,
  removeJob,
  pauseJob,
  resumeJob,
  cancelJob,
  terminateJob,
  retryJob,
  rollbackJob,
  bulkAction,
  listEvents,
  listLogs,
  listArtifacts,
  downloadArtifact,
  uploadFile,
  downloadFile,
  listJobTypes,
  listDatasets,
  listDatasetRows,
  listTeams,
  listQueues,
  pauseQueue,
  resumeQueue,
  editQueue,
  listSchedules,
  createSchedule,
  getSchedule,
  editSchedule,
  removeSchedule,
  getStats,
  listWorkers,
  streamEvents,
  streamJob,
  startSession,
  getSession,
  endSession,
  listTokens,
  createToken,
  revokeToken,
  listAudit,
  health,
  readiness,
  getMetrics,
  openApi,
  ...START_STOP_OPERATIONS,
  ...CSV_TASK_OPERATIONS,
  ...HALT_RESUME_OPERATIONS,
  ...WORKER_POOL_OPERATIONS,
  ...FILE_TASK_OPERATIONS,
];
