// Queues, as operators see and set them.
import { z } from "zod";
import { LIMITS } from "../domain/limits.ts";
import type { Queue } from "../domain/queue.ts";
import { queueName, reason, time } from "./fields.ts";
import { operation } from "./operation.ts";

const rateLimit = z.strictObject({
  max: z.int().min(1).max(LIMITS.rateMax).describe("Starts."),
  perMs: z.int().min(1).max(LIMITS.ratePerMs).describe("In any time of this length, in ms."),
});

export const queueSchema: z.ZodType<Queue> = z.object({
  name: z.string(),
  paused: z.object({ at: time(), actor: z.string(), reason: z.string().nullable() }).nullable(),
  concurrency: z
    .number()
    .nullable()
    .describe("Jobs that may hold a lease at once, in all processes; `null`: any number."),
  rateLimit: z.object({ max: z.number(), perMs: z.number() }).nullable(),
  waiting: z.number().describe("Jobs that are `queued`."),
  running: z.number().describe("Jobs that hold a lease."),
  pausedJobs: z.number().describe("Jobs that are `paused`."),
});

export const queueListSchema: z.ZodType<{ readonly items: readonly Queue[] }> = z.object({
  items: z.array(queueSchema),
});

const exampleQueue: Queue = {
  name: "imports",
  paused: null,
  concurrency: 4,
  rateLimit: { max: 100, perMs: 60_000 },
  waiting: 12,
  running: 4,
  pausedJobs: 1,
};

export const listQueues = operation({
  id: "listQueues",
  scope: "read",
  method: "GET",
  path: "/api/v1/queues",
  tag: "Queues",
  summary: "List queues",
  description: "Queues that were ever set, and those that hold unfinished jobs.",
  replies: { 200: { description: "By name.", schema: queueListSchema, example: { items: [exampleQueue] } } },
  errors: [],
});

const one = {
  method: "POST",
  tag: "Queues",
  params: z.strictObject({ name: queueName() }),
  errors: ["storage_full"],
} as const;
const replies = {
  200: { description: "The queue as it is now.", schema: queueSchema, example: exampleQueue },
} as const;
const body = z.strictObject({ reason: reason().optional() }).optional();

export const pauseQueue = operation({
  ...one,
  id: "pauseQueue",
  scope: "admin",
  path: "/api/v1/queues/{name}/pause",
  summary: "Pause a queue",
  description: "None of its jobs is started until it is resumed; those that run go on.",
  body,
  bodyExample: { reason: "the partner's API is down" },
  replies,
});

export const resumeQueue = operation({
  ...one,
  id: "resumeQueue",
  scope: "admin",
  path: "/api/v1/queues/{name}/resume",
  summary: "Resume a queue",
  description: "Its jobs are started again.",
  replies,
});

export const editQueue = operation({
  ...one,
  id: "editQueue",
  scope: "admin",
  method: "PATCH",
  path: "/api/v1/queues/{name}",
  summary: "Limit a queue",
  description: "What is left out stays; `null` takes a limit away. Jobs that run already are not touched.",
  body: z
    .strictObject({
      concurrency: z.int().min(1).max(LIMITS.concurrency).nullable().optional(),
      rateLimit: rateLimit.nullable().optional(),
    })
    .refine((edit) => Object.keys(edit).length > 0, "names nothing to change"),
  bodyExample: { concurrency: 4, rateLimit: { max: 100, perMs: 60_000 } },
  replies,
});
