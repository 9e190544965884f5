// Earlier API 3, as data: submit, halt, resume, stop, details. Its words are what those clients compare, to the letter.
import { z } from "zod";
import { EXAMPLE_JOB_ID } from "../examples.ts";
import { type Operation, operation } from "../operation.ts";
import { haltableSubmit } from "./halt-resume-submit.ts";

/** What a job is said to be. */
export const HALT_RESUME_STATUSES = ["Submitted", "Running", "Halted", "Completed", "Stopped", "Failed"] as const;

/** How a submit can be refused for what it says. */
const SUBMIT_REFUSALS = [
  "Invalid Job Type",
  "Invalid from_date format",
  "Invalid to_date format",
  "Invalid Job request format",
] as const;

const jobID = z.string().describe("The job's id, the same as in `/api/v1/jobs`.");
const refusal = z.object({ jobID: z.string().describe("Empty where no job is meant."), error: z.string() });

const success = z.object({ jobID, message: z.literal("Success"), details: z.object({}) });
const successExample = { jobID: EXAMPLE_JOB_ID, message: "Success", details: {} } as const;

const unknownJob = {
  description: "No job of this API has the id.",
  schema: z.object({ jobID: z.string(), error: z.literal("Invalid JobID") }),
  example: { jobID: EXAMPLE_JOB_ID, error: "Invalid JobID" },
} as const;

const base = { tag: "Earlier API 3", scope: "operate" } as const;

export const submitHaltable = operation({
  ...base,
  id: "earlier3Submit",
  method: "POST",
  path: "/submit",
  summary: "Submit a job",
  description:
    "`Simple` is the job type `simple`, `Export` is `day-export`. Keys are read in any letter case, unknown ones are passed " +
    "over. A range that ends before it begins, or that the job type refuses, is an invalid request.",
  body: haltableSubmit,
  bodyExample: { Type: "Export", args: { from_date: "2019-Jan-01", to_date: "2019-Feb-01" } },
  replies: {
    200: { description: "Stored; it runs as soon as a worker is free.", schema: success, example: successExample },
    400: {
      description: "Nothing was stored.",
      schema: z.object({ jobID: z.literal(""), error: z.enum(SUBMIT_REFUSALS) }),
      example: { jobID: "", error: "Invalid Job Type" },
    },
    413: {
      description: "The body is larger than 1 MiB. Nothing was stored.",
      schema: refusal,
      example: { jobID: "", error: "The body is larger than 1 MiB." },
    },
    429: {
      description: "The queue is full. Nothing was stored.",
      schema: refusal,
      example: { jobID: "", error: "The queue is full. Nothing was stored; try again later." },
    },
  },
  errors: ["storage_full"],
});

const params = z.strictObject({ jobID: z.string().describe("The job's id.") });

const steering = {
  ...base,
  params,
  errors: ["storage_full"],
} as const;

const done = { description: "Done.", schema: success, example: successExample } as const;

const refused = (example: string) => ({
  description: "The job's status does not allow it. Nothing was changed.",
  schema: refusal,
  example: { jobID: EXAMPLE_JOB_ID, error: example },
});

const halt = {
  ...steering,
  path: "/halt/{jobID}",
  summary: "Halt a job",
  description:
    "It stops at its next checkpoint and keeps its place: the `pause` of `/api/v1`. It shows as Halted at once.",
  replies: { 200: done, 404: unknownJob, 409: refused("Failed to halt the Job : Job is already halted") },
} as const;

const resume = {
  ...steering,
  path: "/resume/{jobID}",
  summary: "Resume a halted job",
  description: "It goes on where it was halted: the `resume` of `/api/v1`.",
  replies: { 200: done, 404: unknownJob, 409: refused("Failed to resume the Job : Job is already running") },
} as const;

const stop = {
  ...steering,
  path: "/stop/{jobID}",
  summary: "Stop a job and clean up after it",
  description:
    "It stops at its next checkpoint and undoes what it did: the `cancel` of `/api/v1`. It shows as Stopped at once, while " +
    "the undo goes on.",
  replies: { 200: done, 404: unknownJob, 409: refused("Failed to stop the Job : Job is already stopped") },
} as const;

export const haltJob = operation({
  ...halt,
  id: "earlier3Halt",
  method: "GET",
  changes: true,
});
export const haltJobByPost = operation({ ...halt, id: "earlier3HaltByPost", method: "POST" });

export const resumeHalted = operation({
  ...resume,
  id: "earlier3Resume",
  method: "GET",
  changes: true,
});
export const resumeHaltedByPost = operation({ ...resume, id: "earlier3ResumeByPost", method: "POST" });

export const stopHaltable = operation({
  ...stop,
  id: "earlier3Stop",
  method: "GET",
  changes: true,
});
export const stopHaltableByPost = operation({ ...stop, id: "earlier3StopByPost", method: "POST" });

export const haltableDetails = operation({
  id: "earlier3Details",
  tag: "Earlier API 3",
  scope: "read",
  method: "GET",
  path: "/details/{jobID}",
  params,
  summary: "Look at a job",
  description:
    "Its status, and of an `Export` the range in this API's own form, whichever form it was given in. A requested halt " +
    "shows as Halted and a requested stop as Stopped before the job has come to it.",
  replies: {
    200: {
      description: "The job.",
      schema: z.object({
        jobID,
        message: z.literal("Success"),
        details: z.object({
          jobID,
          status: z.enum(HALT_RESUME_STATUSES),
          from_date: z.string().optional().describe("Of an `Export`, as `2019-Jan-01`."),
          to_date: z.string().optional().describe("Of an `Export`, as `2019-Jan-01`."),
        }),
      }),
      example: {
        jobID: EXAMPLE_JOB_ID,
        message: "Success",
        details: { jobID: EXAMPLE_JOB_ID, status: "Running", from_date: "2019-Jan-01", to_date: "2019-Feb-01" },
      },
    },
    404: unknownJob,
  },
  errors: [],
});

export const HALT_RESUME_OPERATIONS: readonly Operation[] = [
  submitHaltable,
  haltJob,
  haltJobByPost,
  resumeHalted,
  resumeHaltedByPost,
  stopHaltable,
  stopHaltableByPost,
  haltableDetails,
];
