// One job, followed through the whole document: what its examples show. Checked against the schemas by a test.
import type { HistoryEntryView, LogLineView } from "./records.ts";

export const EXAMPLE_JOB_ID = "019aa4c2-7d1e-7c3a-9b1f-0c5b6a7d8e9f";
export const EXAMPLE_FILE_ID = "6f1c2d3e-4b5a-4978-8695-a4b3c2d1e0f9";
const SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

export const exampleSummary = {
  id: EXAMPLE_JOB_ID,
  type: "csv-import",
  key: "contacts-2025-11",
  queue: "default",
  priority: 0,
  labels: { team: "sales" },
  state: "pausing",
  phase: "forward",
  progress: { done: 41_200, total: 100_000, unit: "rows", message: null, ratePerSecond: 2_310, etaMs: 25_455 },
  attempt: 1,
  maxAttempts: 3,
  crashCount: 0,
  timeoutMs: null,
  concurrencyKey: null,
  error: null,
  control: {
    action: "pause",
    actor: "anonymous",
    reason: "two columns are swapped",
    requestedAt: "2025-11-21T09:30:18.402Z",
    reachedAt: null,
    rollback: false,
    force: false,
  },
  allowedActions: ["resume", "cancel", "terminate"],
  abandoned: false,
  stalled: false,
  worker: "019aa4c0-11aa-7bbb-8ccc-2ddd3eee4fff",
  createdAt: "2025-11-21T09:30:00.000Z",
  availableAt: "2025-11-21T09:30:00.000Z",
  startedAt: "2025-11-21T09:30:00.012Z",
  finishedAt: null,
  runningMs: 18_390,
  checkpoint: { seq: 83, savedAt: "2025-11-21T09:30:18.330Z" },
} as const;

export const exampleJob = {
  ...exampleSummary,
  input: { file: EXAMPLE_FILE_ID, dataset: "contacts" },
  output: null,
  error: null,
  artifacts: [],
} as const;

export const exampleSubmit = {
  type: "csv-import",
  input: { file: EXAMPLE_FILE_ID, dataset: "contacts" },
  key: "contacts-2025-11",
  labels: { team: "sales" },
} as const;

export const exampleFile = {
  id: EXAMPLE_FILE_ID,
  name: "contacts.csv",
  size: 4_812_345,
  sha256: SHA256,
  mediaType: "text/csv",
} as const;

export const exampleArtifact = {
  name: "rejected.csv",
  size: 1_204,
  sha256: SHA256,
  mediaType: "text/csv",
} as const;

export const exampleEntry: HistoryEntryView = {
  seq: 3,
  at: "2025-11-21T09:30:18.402Z",
  kind: "pause",
  actor: "anonymous",
  reason: "two columns are swapped",
  attempt: 1,
  state: "pausing",
  phase: "forward",
  data: null,
};

export const exampleLine: LogLineView = {
  seq: 12,
  at: "2025-11-21T09:30:10.001Z",
  level: "info",
  message: "20,000 rows are in",
  fields: null,
};
