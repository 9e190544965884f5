// Earlier API 2, as data: CSV upload, bulk teams and export, with stop, start and terminate. Its errors say `errorType`,
// and its clients compare that to the letter.
import { z } from "zod";
import { LIMITS } from "../../domain/limits.ts";
import { type Operation, operation } from "../operation.ts";

/** What a job is said to be where an action does not fit. */
export const CSV_TASK_STATES = ["started", "stopped", "terminated", "finished", "failed"] as const;
export const CSV_TASK_ACTIONS = ["start", "stop", "terminate"] as const;

const EXAMPLE_ID = "anonymous-baselineCSV-1763717400-4711";

const jobId = z.string().describe("`<user>-<kind>-<unix seconds>-<0..9999>`: the job's `key`.");
const created = {
  description: "Stored; it runs as soon as a worker is free.",
  schema: z.object({ "Job ID": jobId }),
  example: { "Job ID": EXAMPLE_ID },
} as const;

const refused = <const T extends readonly [string, ...string[]]>(description: string, types: T) => ({
  description,
  schema: z.object({ errorType: z.enum(types) }),
  example: { errorType: types[0] },
});
const queueFull = refused("The queue is full. Nothing was stored.", ["queue_full"]);
const noFile = refused("The form has no file in its field `file`, or is none. Nothing was stored.", [
  "File not accepted",
]);

const base = { tag: "Earlier API 2", scope: "operate", method: "POST" } as const;
const UPLOAD_ERRORS = ["storage_full", "quota_exceeded"] as const;

export const uploadBaseline = operation({
  ...base,
  id: "earlier2UploadCsv",
  path: "/uploadCSV",
  summary: "Import a CSV file",
  description:
    "Into the dataset `baseline`, by a job of the type `csv-import`: the first line names the columns, and each row is " +
    "there exactly once. A row that does not fit fails the job, which says its line, and undoes it. Texts in " +
    "other fields of the form are passed over.",
  upload: "file-field",
  replies: {
    200: created,
    400: noFile,
    409: {
      description: "Another import into the dataset is not finished: `Job ID` names it. Nothing was stored.",
      schema: z.object({ errorType: z.literal("upload_in_progress"), "Job ID": jobId }),
      example: { errorType: "upload_in_progress", "Job ID": EXAMPLE_ID },
    },
    429: queueFull,
  },
  errors: UPLOAD_ERRORS,
});

export const createBulkTeam = operation({
  ...base,
  id: "earlier2CreateBulkTeam",
  path: "/createBulkTeam",
  summary: "Create teams from a CSV file",
  description:
    "One team a row, by a job of the type `bulk-teams`. The file has a column `name`. Texts in other fields of the form are passed over.",
  upload: "file-field",
  replies: { 200: created, 400: noFile, 429: queueFull },
  errors: UPLOAD_ERRORS,
});

const calendarDay = () => z.iso.date().describe("YYYY-MM-DD, itself included.");

export const exportBaseline = operation({
  ...base,
  id: "earlier2ExportData",
  path: "/exportData",
  summary: "Export what was imported",
  description:
    "The rows of the dataset `baseline` whose date lies in the range, by a job of the type `data-export`. Download the file " +
    "as its artifact `export.csv`. Without anything imported the job fails, and says so.",
  body: z
    .object({ from: calendarDay(), to: calendarDay() })
    .refine(({ from, to }) => from <= to, { error: "ends before it begins", path: ["range"] }),
  bodyExample: { from: "2024-01-01", to: "2024-01-31" },
  replies: {
    200: created,
    400: refused("Nothing was stored.", ["invalid_json", "invalid_from_date", "invalid_to_date", "invalid_date_range"]),
    429: queueFull,
  },
  errors: ["storage_full"],
});

const update = {
  tag: "Earlier API 2",
  scope: "operate",
  path: "/updateTask",
  summary: "Stop a job, start it again, or terminate it",
  description:
    "`stop` pauses it, `start` resumes it, `terminate` cancels it and undoes what it did. Asking again for what is so already " +
    "is answered with 200 too. What a finished job did is undone by `rollback` of `/api/v1`, for which a scope of `admin` is needed.",
  query: z.object({
    id: z.string().min(1).max(LIMITS.keyLength).describe("The job's id, as the job was answered with."),
    action: z.enum(CSV_TASK_ACTIONS),
  }),
  replies: {
    200: {
      description: "Done, or so already.",
      schema: z.object({ status: z.string() }),
      example: { status: `Job ${EXAMPLE_ID} stopped.` },
    },
    400: refused("The request names no job, or no action that there is.", ["invalid_id", "invalid_action"]),
    404: refused("No job of this API has the id.", ["id_doesn't_exist"]),
    409: {
      description: "The job's state does not allow it. Nothing was changed.",
      schema: z.object({ errorType: z.literal("action_not_allowed"), state: z.enum(CSV_TASK_STATES) }),
      example: { errorType: "action_not_allowed", state: "finished" },
    },
  },
  errors: ["storage_full"],
} as const;

export const updateTask = operation({ ...update, id: "earlier2UpdateTask", method: "GET", changes: true });
export const updateTaskByPost = operation({ ...update, id: "earlier2UpdateTaskByPost", method: "POST" });

export const CSV_TASK_OPERATIONS: readonly Operation[] = [
  uploadBaseline,
  createBulkTeam,
  exportBaseline,
  updateTask,
  updateTaskByPost,
];
