// Earlier API 1, as data: start and stop by id. Plain text, and the id in the query whatever the method.
import { z } from "zod";
import { type Operation, operation } from "../operation.ts";

const JOB_ID = /^[A-Za-z0-9_.-]{1,64}$/;

const query = z.object({
  id: z
    .string("is missing")
    .regex(JOB_ID, "must be 1 to 64 letters, digits, _, - or .")
    .describe("The caller's own id of the job: 1 to 64 letters, digits, `_`, `-` or `.`. It is the job's `key`."),
});

/** What a request without an id of this form is answered with. */
export const BAD_ID = "The job id is missing, or is none: it must be 1 to 64 letters, digits, _, - or .";

const text = (description: string, example: string) => ({
  description,
  mediaType: "text/plain",
  example,
});

const base = { tag: "Earlier API 1", scope: "operate", query } as const;

const start = {
  ...base,
  path: "/start",
  summary: "Start a job by id",
  description:
    "A job of the type `ticker`, which prints `Doing job id X` once a second until it is stopped. Directly after a stop of " +
    "the same id it waits for that job to end, for some seconds at most.",
  replies: {
    200: text("Started, or `Already started job id: X`.", "Job id: X has been started"),
    400: text("No id, or none that is one.", BAD_ID),
    409: text(
      "A job of another type has the id as its key, or the one that was stopped has not ended yet.",
      "Job id: X is the key of another job, of the type csv-import",
    ),
    429: text("The queue is full. Nothing was stored.", "Job id: X was not started, because the queue is full"),
  },
  errors: ["storage_full"],
} as const;

const stop = {
  ...base,
  path: "/stop",
  summary: "Stop a job by id",
  description: "The `cancel` of `/api/v1`. A job that runs prints `Cancelling job id X`.",
  replies: {
    200: text("Stopped, or `Job id: X is not running`.", "Job id: X has been canceled"),
    400: text("No id, or none that is one.", BAD_ID),
  },
  errors: ["storage_full"],
} as const;

export const startById = operation({ ...start, id: "earlier1Start", method: "GET", changes: true });
export const startByIdByPost = operation({ ...start, id: "earlier1StartByPost", method: "POST" });
export const stopById = operation({ ...stop, id: "earlier1Stop", method: "GET", changes: true });
export const stopByIdByPost = operation({ ...stop, id: "earlier1StopByPost", method: "POST" });

export const START_STOP_OPERATIONS: readonly Operation[] = [startById, startByIdByPost, stopById, stopByIdByPost];
