// Submitting, finding, editing and deleting jobs.
import { z } from "zod";
import { EXAMPLE_JOB_ID, exampleJob, exampleSubmit, exampleSummary } from "./examples.ts";
import { jobListSchema, jobPageSchema, jobSchema } from "./job.ts";
import { operation } from "./operation.ts";
import { BATCH_MAX, batchBody, editBody, getJobQuery, listQuery, removeQuery, submitBody } from "./requests.ts";

export const jobParams = z.strictObject({ id: z.string().describe("The job's id.") });

const IDEMPOTENCY = {
  "Idempotency-Key":
    "Up to 200 printable characters. Sent again within 24 hours with the same body, it answers the same job; with another body, 422.",
} as const;

export const submitJob = operation({
  id: "submitJob",
  scope: "operate",
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
  headers: IDEMPOTENCY,
  replies: {
    200: {
      description: "An earlier submit's job stands for this one: the idempotency key or the deduplication says so.",
      schema: jobSchema,
      headers: { Location: `/api/v1/jobs/${EXAMPLE_JOB_ID}` },
      example: exampleJob,
    },
    201: {
      description: "Stored. `Location` names it.",
      schema: jobSchema,
      headers: { Location: `/api/v1/jobs/${EXAMPLE_JOB_ID}` },
      example: exampleJob,
    },
  },
  errors: [
    "unknown_job_type",
    "invalid_input",
    "key_taken",
    "exclusive_group_taken",
    "queue_full",
    "quota_exceeded",
    "storage_full",
    "idempotency_conflict",
    "job_not_found",
  ],
});

export const submitJobs = operation({
  id: "submitJobs",
  scope: "operate",
  method: "POST",
  path: "/api/v1/jobs/batch",
  tag: "Jobs",
  summary: "Submit many jobs",
  description: `Up to ${BATCH_MAX} jobs, all or none. A refusal names the member by its JSON pointer.`,
  body: batchBody,
  bodyExample: { jobs: [exampleSubmit] },
  headers: IDEMPOTENCY,
  replies: {
    201: { description: "Stored, in order.", schema: jobListSchema, example: { jobs: [exampleJob] } },
  },
  errors: [
    "unknown_job_type",
    "invalid_input",
    "key_taken",
    "exclusive_group_taken",
    "queue_full",
    "storage_full",
    "idempotency_conflict",
    "job_not_found",
  ],
});

export const listJobs = operation({
  id: "listJobs",
  scope: "read",
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
  scope: "read",
  method: "GET",
  path: "/api/v1/jobs/{id}",
  tag: "Jobs",
  summary: "Get a job",
  description:
    "The whole job. With `waitMs` it answers as soon as the job is in a state of `until`, and else after that time with the job as it is.",
  params: jobParams,
  query: getJobQuery,
  replies: { 200: { description: "The job.", schema: jobSchema, example: exampleJob } },
  errors: ["job_not_found", "too_many_streams"],
});

export const editJob = operation({
  id: "editJob",
  scope: "operate",
  method: "PATCH",
  path: "/api/v1/jobs/{id}",
  tag: "Jobs",
  summary: "Change a job that waits",
  description:
    "For a job that is `queued` or `paused`; its input only until it has started. What is left out stays as it is.",
  params: jobParams,
  body: editBody,
  bodyExample: { priority: 10, reason: "the customer waits" },
  replies: { 200: { description: "The job as it is now.", schema: jobSchema, example: exampleJob } },
  errors: [
    "job_not_found",
    "action_not_allowed",
    "changed_meanwhile",
    "invalid_input",
    "unknown_job_type",
    "exclusive_group_taken",
    "storage_full",
  ],
});

export const removeJob = operation({
  id: "removeJob",
  scope: "admin",
  method: "DELETE",
  path: "/api/v1/jobs/{id}",
  tag: "Jobs",
  summary: "Delete a finished job",
  description: "Its history, log lines and files go with it. Data that it made elsewhere stays.",
  params: jobParams,
  query: removeQuery,
  replies: { 204: { description: "Deleted." } },
  errors: ["job_not_found", "action_not_allowed", "storage_full"],
});
