// Steering jobs, one by one and many at once.
import { z } from "zod";
import type { BulkAnswer } from "../domain/job-control.ts";
import { exampleJob } from "./examples.ts";
import { jobSchema } from "./job.ts";
import { jobParams } from "./job-operations.ts";
import { operation } from "./operation.ts";
import { bulkBody, controlBody, retryBody, stopBody } from "./requests.ts";

const controlReplies = {
  202: { description: "Requested: acknowledged and durable.", schema: jobSchema, example: exampleJob },
  200: {
    description: "Already reached, or requested before: nothing changed.",
    schema: jobSchema,
    example: exampleJob,
  },
} as const;

const steering = {
  method: "POST",
  tag: "Control",
  params: jobParams,
  bodyExample: { reason: "two columns are swapped" },
  replies: controlReplies,
} as const;

const refusals = ["job_not_found", "action_not_allowed", "storage_full"] as const;

export const pauseJob = operation({
  ...steering,
  id: "pauseJob",
  scope: "operate",
  path: "/api/v1/jobs/{id}/pause",
  summary: "Pause a job",
  description: "It stops at its next checkpoint and keeps its place. `resume` goes on from there.",
  body: controlBody,
  errors: refusals,
});

export const resumeJob = operation({
  ...steering,
  id: "resumeJob",
  scope: "operate",
  path: "/api/v1/jobs/{id}/resume",
  summary: "Resume a paused job",
  description: "It goes on at its checkpoint. A pause that has not landed yet is withdrawn.",
  body: controlBody,
  errors: refusals,
});

export const cancelJob = operation({
  ...steering,
  id: "cancelJob",
  scope: "operate",
  path: "/api/v1/jobs/{id}/cancel",
  summary: "Stop a job for good",
  description: "It stops at its next checkpoint and, where its type can and unless told otherwise, undoes what it did.",
  body: stopBody,
  errors: refusals,
});

export const terminateJob = operation({
  ...steering,
  id: "terminateJob",
  scope: "operate",
  path: "/api/v1/jobs/{id}/terminate",
  summary: "Stop a job without grace",
  description: "Like cancel, at once. Of a job that is being rolled back it gives the rollback up.",
  body: stopBody,
  errors: refusals,
});

export const retryJob = operation({
  ...steering,
  id: "retryJob",
  scope: "operate",
  path: "/api/v1/jobs/{id}/retry",
  summary: "Run a failed or cancelled job again",
  description: "With fresh attempts, from its checkpoint or from the start; a rolled back job from the start.",
  body: retryBody,
  errors: [...refusals, "key_taken", "exclusive_group_taken"],
});

export const rollbackJob = operation({
  ...steering,
  id: "rollbackJob",
  scope: "admin",
  path: "/api/v1/jobs/{id}/rollback",
  summary: "Undo a finished job",
  description: "For types that can. A rollback that failed goes on where it stopped.",
  body: controlBody,
  errors: [...refusals, "key_taken", "exclusive_group_taken"],
});

export const bulkAnswerSchema: z.ZodType<BulkAnswer> = z.object({
  matched: z.number().describe("Jobs that the filter names."),
  requested: z.number().describe("Of those, how many take the action."),
  refused: z.number().describe("Of those, how many are in a state that does not allow it."),
});

export const bulkAction = operation({
  id: "bulkAction",
  scope: "operate",
  method: "POST",
  path: "/api/v1/bulk-actions",
  tag: "Control",
  summary: "Steer many jobs at once",
  description:
    "Asks the same of every job that the filter names now; jobs that are submitted meanwhile are not meant. With `dryRun` nothing is asked, only counted. A `rollback` needs the scope `admin`.",
  body: bulkBody,
  bodyExample: {
    action: "cancel",
    filter: { type: "csv-import", state: ["queued"] },
    reason: "wrong file",
    dryRun: true,
  },
  replies: {
    202: {
      description: "Done, job by job.",
      schema: bulkAnswerSchema,
      example: { matched: 12, requested: 11, refused: 1 },
    },
  },
  errors: ["storage_full"],
});
