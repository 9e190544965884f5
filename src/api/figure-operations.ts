// How much there is, how fast it goes, and who works.
import { z } from "zod";
import { STATES } from "../domain/lifecycle.ts";
import type { Stats, WorkerInfo } from "../domain/stats.ts";
import { EXAMPLE_JOB_ID } from "./examples.ts";
import { time } from "./fields.ts";
import { operation } from "./operation.ts";

const someStates = z.partialRecord(z.enum(STATES), z.number());

const minute = z.object({
  at: time().describe("Its beginning."),
  submitted: z.number(),
  started: z.number(),
  succeeded: z.number(),
  failed: z.number(),
  cancelled: z.number(),
  rolledBack: z.number(),
  rollbackFailed: z.number(),
});

export const statsSchema: z.ZodType<Stats> = z.object({
  states: z.record(z.enum(STATES), z.number()).describe("Jobs in each state."),
  types: z.array(z.object({ type: z.string(), states: someStates })),
  queues: z.array(z.object({ queue: z.string(), states: someStates })),
  minutes: z.array(minute).describe("What happened in each minute of the last hour, the present one last."),
  oldestWaiting: z
    .object({
      id: z.string(),
      type: z.string(),
      queue: z.string(),
      availableAt: time(),
      waitingMs: z.number(),
    })
    .nullable()
    .describe("The job that could have been started for the longest time."),
});

const exampleStats: Stats = {
  states: {
    queued: 12,
    running: 4,
    pausing: 0,
    paused: 1,
    cancelling: 0,
    succeeded: 1_840,
    failed: 3,
    cancelled: 2,
    rolled_back: 1,
    rollback_failed: 0,
  },
  types: [{ type: "csv-import", states: { queued: 12, running: 4, paused: 1 } }],
  queues: [{ queue: "default", states: { queued: 12, running: 4, paused: 1 } }],
  minutes: [
    {
      at: "2025-11-21T09:30:00.000Z",
      submitted: 20,
      started: 18,
      succeeded: 17,
      failed: 0,
      cancelled: 1,
      rolledBack: 0,
      rollbackFailed: 0,
    },
  ],
  oldestWaiting: {
    id: EXAMPLE_JOB_ID,
    type: "csv-import",
    queue: "default",
    availableAt: "2025-11-21T09:29:10.000Z",
    waitingMs: 52_000,
  },
};

export const getStats = operation({
  id: "getStats",
  scope: "read",
  method: "GET",
  path: "/api/v1/stats",
  tag: "Figures",
  summary: "Read figures about all jobs",
  description:
    "Counts per state, type and queue, the last hour by minutes, and the oldest waiting job. Nothing is scanned for it.",
  replies: { 200: { description: "The figures of now.", schema: statsSchema, example: exampleStats } },
  errors: [],
});

export const workerListSchema: z.ZodType<{ readonly items: readonly WorkerInfo[] }> = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      host: z.string(),
      pid: z.number(),
      concurrency: z.number(),
      queues: z.array(z.string()).nullable().describe("The queues that it claims from; null: all."),
      startedAt: time(),
      seenAt: time().describe("When it last renewed its lease."),
      running: z.number().describe("Jobs that it holds."),
      jobs: z
        .array(z.object({ id: z.string(), type: z.string(), queue: z.string(), claimedAt: time() }))
        .describe("Those that it has held the longest, at most 100."),
    }),
  ),
});

export const listWorkers = operation({
  id: "listWorkers",
  scope: "read",
  method: "GET",
  path: "/api/v1/workers",
  tag: "Figures",
  summary: "List workers",
  description: "Those that are alive, with what they run.",
  replies: {
    200: {
      description: "The workers.",
      schema: workerListSchema,
      example: {
        items: [
          {
            id: "019aa5d0-6f3a-7c55-9d1e-2f6f0c8b7a11",
            host: "app-1",
            pid: 4711,
            concurrency: 100,
            queues: null,
            startedAt: "2025-11-21T09:00:00.000Z",
            seenAt: "2025-11-21T09:30:00.000Z",
            running: 1,
            jobs: [{ id: EXAMPLE_JOB_ID, type: "csv-import", queue: "default", claimedAt: "2025-11-21T09:29:58.000Z" }],
          },
        ],
      },
    },
  },
  errors: [],
});

export const METRICS_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export const getMetrics = operation({
  id: "getMetrics",
  scope: "read",
  method: "GET",
  path: "/metrics",
  tag: "Server",
  summary: "Read metrics",
  description:
    "For Prometheus: jobs by type, queue and state, what happened since the process was asked first, workers, and the process itself.",
  replies: {
    200: {
      description: "In the text format of Prometheus.",
      mediaType: METRICS_MEDIA_TYPE,
      example: 'pawl_jobs{type="csv-import",state="queued"} 12\n',
    },
  },
  errors: [],
});
