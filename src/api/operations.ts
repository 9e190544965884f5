// All operations of the API, in the order in which the document shows them. What is not here is not served.
import { listDatasetRows, listDatasets, listJobTypes } from "./catalog-operations.ts";
import { downloadFile, uploadFile } from "./file-operations.ts";
import {
  cancelJob,
  getJob,
  listJobs,
  pauseJob,
  removeJob,
  resumeJob,
  retryJob,
  rollbackJob,
  submitJob,
  terminateJob,
} from "./job-operations.ts";
import type { Operation } from "./operation.ts";
import { downloadArtifact, listArtifacts, listEvents, listLogs } from "./record-operations.ts";
import { health, openApi, readiness } from "./server-operations.ts";
import { streamEvents, streamJob } from "./stream-operations.ts";

export const OPERATIONS: readonly Operation[] = [
  submitJob,
  listJobs,
  getJob,
  removeJob,
  pauseJob,
  resumeJob,
  cancelJob,
  terminateJob,
  retryJob,
  rollbackJob,
  listEvents,
  listLogs,
  listArtifacts,
  downloadArtifact,
  uploadFile,
  downloadFile,
  listJobTypes,
  listDatasets,
  listDatasetRows,
  streamEvents,
  streamJob,
  health,
  readiness,
  openApi,
];
