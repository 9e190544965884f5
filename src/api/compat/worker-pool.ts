// Earlier API 4, as data: a worker pool that creates, gets, lists and cancels jobs which reverse a text.
import { z } from "zod";
import { EXAMPLE_JOB_ID } from "../examples.ts";
import { queryInteger, time } from "../fields.ts";
import { type Operation, operation } from "../operation.ts";

/** What a job is said to be. */
const WORKER_POOL_STATUSES = ["queued", "processing", "completed", "failed", "cancelled"] as const;

/** Jobs of one list, at most. */
export const POOL_LIST_MAX = 1_000;
/** A list ends early when the texts in it are this long together. */
export const POOL_LIST_CHARS = 8 * 1024 * 1024;

const id = z.string().describe("The job's id, the same as in `/api/v1/jobs`.");
const refusal = z.object({ error: z.string() });

const pooledJob = z.object({
  id,
  payload: z.string(),
  status: z.enum(WORKER_POOL_STATUSES),
  result: z.string().optional().describe("Of a completed job: the payload backwards, code point by code point."),
  error: z.string().optional().describe("Of a failed job: why."),
  created_at: time().describe("RFC 3339."),
  updated_at: time().describe("When it was last created, started, saved, steered or finished. RFC 3339."),
});
export type PooledJob = z.output<typeof pooledJob>;

const pooledExample: PooledJob = {
  id: EXAMPLE_JOB_ID,
  payload: "text",
  status: "completed",
  result: "txet",
  created_at: "2025-11-21T09:30:00.000Z",
  updated_at: "2025-11-21T09:30:03.012Z",
};

const unknownJob = {
  description: "No job of this API has the id.",
  schema: z.object({ error: z.literal("job not found") }),
  example: { error: "job not found" },
} as const;

const base = { tag: "Earlier API 4" } as const;
const payload = z
  .string({ error: ({ input }) => (input === undefined ? "is required" : "must be a string") })
  .describe("Any text, the empty one too. At most 64 KiB of UTF-8.");
const params = z.strictObject({ id: z.string().describe("The job's id.") });

export const createPooled = operation({
  ...base,
  id: "earlier4CreateJob",
  scope: "operate",
  method: "POST",
  path: "/jobs",
  summary: "Create a job",
  description:
    "Reverses the payload: the job type `reverse-text`. Answers when the job is stored, without waiting for it.",
  body: z.object({ payload }, "must be an object"),
  bodyExample: { payload: "text" },
  replies: {
    200: {
      description: "Stored.",
      schema: z.object({ id, status: z.literal("queued") }),
      example: { id: EXAMPLE_JOB_ID, status: "queued" },
    },
    400: {
      description: "Nothing was stored.",
      schema: refusal,
      example: { error: "payload must be a string" },
    },
    413: {
      description: "The body is larger than 1 MiB. Nothing was stored.",
      schema: refusal,
      example: { error: "The body is larger than 1 MiB." },
    },
    429: {
      description: "The queue is full. Nothing was stored.",
      schema: refusal,
      example: { error: "The queue is full. Nothing was stored; try again later." },
    },
  },
  errors: ["storage_full"],
});

export const listPooled = operation({
  ...base,
  id: "earlier4ListJobs",
  scope: "read",
  method: "GET",
  path: "/jobs",
  summary: "List jobs",
  description:
    "Newest first, all that there are up to the limit. A list whose payloads and results are very long ends before it, " +
    `at about ${POOL_LIST_CHARS / 1024 ** 2} million characters; \`after\` goes on from there.`,
  query: z.object({
    limit: queryInteger(1, POOL_LIST_MAX)
      .optional()
      .describe(`At most this many: 1 to ${POOL_LIST_MAX}. Default ${POOL_LIST_MAX}.`),
    after: z
      .string()
      .regex(/^[0-9a-f-]{36}$/, "must be the id of a job")
      .optional()
      .describe("The id of the last job of the list before: only older ones."),
  }),
  replies: {
    200: { description: "The jobs.", schema: z.array(pooledJob), example: [pooledExample] },
    400: {
      description: "A query parameter is not valid.",
      schema: refusal,
      example: { error: `limit must be a whole number from 1 to ${POOL_LIST_MAX}` },
    },
  },
  errors: [],
});

export const getPooled = operation({
  ...base,
  id: "earlier4GetJob",
  scope: "read",
  method: "GET",
  path: "/jobs/{id}",
  params,
  summary: "Get a job",
  description: "A requested cancel shows as `cancelled` before the job has come to it.",
  replies: {
    200: { description: "The job.", schema: pooledJob, example: pooledExample },
    404: unknownJob,
  },
  errors: [],
});

export const cancelPooled = operation({
  ...base,
  id: "earlier4CancelJob",
  scope: "operate",
  method: "POST",
  path: "/jobs/{id}/cancel",
  params,
  summary: "Cancel a job",
  description: "For a job that is queued or processing: the `cancel` of `/api/v1`.",
  replies: {
    200: {
      description: "Cancelled.",
      schema: z.object({ id, status: z.literal("cancelled") }),
      example: { id: EXAMPLE_JOB_ID, status: "cancelled" },
    },
    400: {
      description: "It is completed, failed or cancelled already.",
      schema: z.object({ error: z.literal("job cannot be cancelled") }),
      example: { error: "job cannot be cancelled" },
    },
    404: unknownJob,
  },
  errors: ["storage_full"],
});

export const WORKER_POOL_OPERATIONS: readonly Operation[] = [createPooled, listPooled, getPooled, cancelPooled];
