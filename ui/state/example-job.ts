// A job as the server tells of it, for tests.
import type { JobSummary } from "../../src/client/index.ts";

/** 17 January 2026, noon. */
export const NOON = Date.UTC(2026, 0, 17, 12);

/** A moment before or after noon, as the server writes it. */
export const atNoon = (ms = 0): string => new Date(NOON + ms).toISOString();

/** A job that was submitted and started at noon; what is given differs. */
export const exampleJob = (given: Partial<JobSummary> = {}): JobSummary => ({
  id: "019bcb2d-0000-7000-8000-000000000001",
  type: "csv-import",
  key: "contacts",
  queue: "imports",
  priority: 0,
  labels: {},
  state: "running",
  phase: "forward",
  progress: { done: 0, total: null, unit: null, message: null, ratePerSecond: null, etaMs: null },
  attempt: 1,
  maxAttempts: 3,
  crashCount: 0,
  timeoutMs: null,
  concurrencyKey: null,
  error: null,
  control: null,
  allowedActions: [],
  abandoned: false,
  stalled: false,
  worker: null,
  createdAt: atNoon(),
  availableAt: atNoon(),
  startedAt: atNoon(),
  finishedAt: null,
  runningMs: 0,
  checkpoint: { seq: 0, savedAt: null },
  ...given,
});
