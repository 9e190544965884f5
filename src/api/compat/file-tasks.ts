// Earlier API 5, as data: create a task that writes a file, and poll it.
import { z } from "zod";
import { EXAMPLE_JOB_ID } from "../examples.ts";
import { type Operation, operation } from "../operation.ts";

/** What a task is said to be. */
export const FILE_TASK_STATUSES = ["pending", "completed", "failed", "cancelled"] as const;

const refusal = z.object({ error: z.string() });

const task = z.object({
  id: z.string().describe("The job's id, the same as in `/api/v1/jobs`."),
  name: z.string(),
  status: z.enum(FILE_TASK_STATUSES),
  file_path: z.string().describe("Where a completed task's file downloads; empty before."),
});

const pendingExample = { id: EXAMPLE_JOB_ID, name: "sample", status: "pending", file_path: "" } as const;

const base = { tag: "Earlier API 5" } as const;
const name = z
  .string({ error: ({ input }) => (input === undefined || input === null ? "cannot be empty" : "must be a string") })
  .min(1, "cannot be empty");

export const createTask = operation({
  ...base,
  id: "earlier5CreateTask",
  scope: "operate",
  method: "POST",
  path: "/create-task",
  summary: "Create a task",
  description: "Stores a job of the type `file-task` and answers at once, however many run.",
  body: z.object({ name }, "cannot be empty"),
  bodyExample: { name: "sample" },
  replies: {
    201: { description: "Stored.", schema: task, example: pendingExample },
    400: {
      description: "Nothing was stored.",
      schema: refusal,
      example: { error: "Invalid input. Task name cannot be empty" },
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

export const pollTask = operation({
  ...base,
  id: "earlier5PollTask",
  scope: "read",
  method: "GET",
  path: "/poll-task/{id}",
  params: z.strictObject({ id: z.guid().describe("The task's id.") }),
  summary: "Poll a task",
  description:
    "`pending` until it is done, then `completed` with the path of its file. Those clients know no more; a task that " +
    "failed is `failed` here, one that was cancelled or undone through `/api/v1` is `cancelled`.",
  replies: {
    200: {
      description: "The task.",
      schema: task,
      example: {
        ...pendingExample,
        status: "completed",
        file_path: `/api/v1/jobs/${EXAMPLE_JOB_ID}/artifacts/task.json`,
      },
    },
    400: { description: "The id is not a UUID.", schema: refusal, example: { error: "Invalid task ID" } },
    404: { description: "No task has the id.", schema: refusal, example: { error: "Task not found" } },
  },
  errors: [],
});

export const FILE_TASK_OPERATIONS: readonly Operation[] = [createTask, pollTask];
