// Submitting, finding, steering and deleting jobs.
import { z } from "zod";
import { EXAMPLE_JOB_ID, exampleJob, exampleSubmit, exampleSummary } from "./examples.ts";
import { jobPageSchema, jobSchema } from "./job.ts";
import { operation } from "./operation.ts";
import { controlBody, listQuery, removeQuery, retryBody, stopBody, submitBody } from "./requests.ts";

export const jobParams = z.strictObject({ id: z.string().describe("The job's id.") });

export const submitJob = operation({
  id: "submitJob",
  method: "POST",
  path: "/api/v1/jobs",
  tag: "Jobs",
  summary: "Submit a job",
  description:
    "The job is durable when this answers. As `multipart/form-data`, with a field `job` that holds the same JSON and one " +
    "or more file fields, files are stored on the way, and the name of each file field becomes a file reference in `input`.",
  body: submitBody,
  bodyExample: exampleSubmit,
  upload: "job-with-files",
  replies: {
    201: {
      description: "Stored. `Location` names it.",
      schema: jobSchema,
      headers: { Location: `/api/v1/jobs/${EXAMPLE_JOB_ID}` },
      example: exampleJob,
    },
  },
  errors: ["unknown_job_type", "invalid_input", "key_taken", "exclusive_group_taken", "queue_full", "storage_full"],
});

export const listJobs = operation({
  id: "listJobs",
  method: "GET",
  path: "/api/v1/jobs",
  tag: "Jobs",
  summary: "List jobs",
  description:
    "Summaries (no input, output and error details), newest first, page by page. Filters that take several values may be " +
    "repeated or hold commas.",
  query: listQuery,
  replies: {
    200: { description: "A page.", schema: jobPageSchema, example: { items: [exampleSummary], nextCursor: null } },
  },
  errors: [],
});

export const getJob = operation({
  id: "getJob",
  method: "GET",
  path: "/api/v1/jobs/{id}",
  tag: "Jobs",
  summary: "Get a job",
  description: "The whole job.",
  params: jobParams,
  replies: { 200: { description: "The job.", schema: jobSchema, example: exampleJob } },
  errors: ["job_not_found"],
});

export const removeJob = operation({
  id: "removeJob",
  method: "DELETE",
  path: "/api/v1/jobs/{id}",
  tag: "Jobs",
  summary: "Delete a finished job",
  description: "Its history, log lines and files go with it. Data that it made elsewhere stays.",
  params: jobParams,
  query: removeQuery,
  replies: { 204: { description: "Deleted." } },
  errors: ["job_not_found", "action_not_allowed"],
});

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

const refusals = ["job_not_found", "action_not_allowed"] as const;

export const pauseJob = operation({
  ...steering,
  id: "pauseJob",
  path: "/api/v1/jobs/{id}/pause",
  summary: "Pause a job",
  description: "It stops at its next checkpoint and keeps its place. `resume` goes on from there.",
  body: controlBody,
  errors: refusals,
});

export const resumeJob = operation({
  ...steering,
  id: "resumeJob",
  path: "/api/v1/jobs/{id}/resume",
  summary: "Resume a paused job",
  description: "It goes on at its checkpoint. A pause that has not landed yet is withdrawn.",
  body: controlBody,
  errors: [...refusals, "key_taken", "exclusive_group_taken"],
});

export const cancelJob = operation({
  ...steering,
  id: "cancelJob",
  path: "/api/v1/jobs/{id}/cancel",
  summary: "Stop a job for good",
  description: "It stops at its next checkpoint and, where its type can and unless told otherwise, undoes what it did.",
  body: stopBody,
  errors: refusals,
});

export const terminateJob = operation({
  ...steering,
  id: "terminateJob",
  path: "/api/v1/jobs/{id}/terminate",
  summary: "Stop a job without grace",
  description: "Like cancel, at once. Of a job that is being rolled back it gives the rollback up.",
  body: stopBody,
  errors: refusals,
});

export const retryJob = operation({
  ...steering,
  id: "retryJob",
  path: "/api/v1/jobs/{id}/retry",
  summary: "Run a failed or cancelled job again",
  description: "With fresh attempts, from its checkpoint or from the start; a rolled back job from the start.",
  body: retryBody,
  errors: [...refusals, "key_taken", "exclusive_group_taken", "queue_full"],
});

export const rollbackJob = operation({
  ...steering,
  id: "rollbackJob",
  path: "/api/v1/jobs/{id}/rollback",
  summary: "Undo a finished job",
  description: "For types that can. A rollback that failed goes on where it stopped.",
  body: controlBody,
  errors: [...refusals, "key_taken", "exclusive_group_taken"],
});
