// Earlier API 5: create a task, poll it. A task is a job of the type `file-task`, whoever submitted it; its file is the
// artifact of that job, so a path that is told always downloads.
import type { FastifyInstance } from "fastify";
import { createTask, type FILE_TASK_STATUSES, pollTask } from "../../api/compat/file-tasks.ts";
import { getJob, submitJob } from "../../api/job-operations.ts";
import { ERROR_CODES, jobNotFound, type PawlError } from "../../domain/errors.ts";
import type { Job } from "../../domain/job.ts";
import type { CompatServices } from "./compat-services.ts";
import { type CompatReply, serveCompat } from "./serve-compat.ts";
import { type Stage, stageOf } from "./stage.ts";

type Status = (typeof FILE_TASK_STATUSES)[number];

export const STATUS: Readonly<Record<Stage, Status>> = {
  queued: "pending",
  requeued: "pending",
  running: "pending",
  pausing: "pending",
  paused: "pending",
  cancelling: "cancelled",
  undoing: "cancelled",
  succeeded: "completed",
  failed: "failed",
  cancelled: "cancelled",
  rolled_back: "cancelled",
  rollback_failed: "failed",
};

const TYPE = "file-task";
const FILE = "task.json";

export function fileTaskRoutes(scope: FastifyInstance, services: CompatServices): void {
  const { manager } = services;
  serveCompat(
    scope,
    createTask,
    services,
    { refusal: createRefusal, successor: submitJob },
    async ({ body, caller }) => {
      const job = await manager.submit({ type: TYPE, input: { name: body.name } }, { actor: caller.name });
      return { status: 201, body: toTask(job), jobId: job.id };
    },
  );
  serveCompat(scope, pollTask, services, { refusal: pollRefusal, successor: getJob }, async ({ params }) => {
    const job = await manager.get(params.id.toLowerCase());
    if (job?.type !== TYPE) throw jobNotFound(params.id);
    return { status: 200, body: toTask(job), jobId: job.id };
  });
}

function toTask(job: Job) {
  const status = STATUS[stageOf(job)];
  const { name } = Object(job.input);
  const path = status === "completed" ? `/api/v1/jobs/${job.id}/artifacts/${FILE}` : "";
  return { id: job.id, name: String(name), status, file_path: path };
}

function createRefusal({ code, message, extras }: PawlError): CompatReply {
  const [wrong] = extras.errors ?? [];
  const ofName = wrong?.pointer === "" || wrong?.pointer === "/name";
  const error = ofName ? `Invalid input. Task name ${wrong.message}` : message;
  return { status: ERROR_CODES[code].status, body: { error } };
}

function pollRefusal({ code, message, extras }: PawlError): CompatReply | null {
  const refused = (error: string) => ({ status: ERROR_CODES[code].status, body: { error } });
  if (code === "job_not_found") return refused("Task not found");
  if (code !== "invalid_request") return null;
  return refused(extras.errors?.some(({ pointer }) => pointer === "/id") ? "Invalid task ID" : message);
}
