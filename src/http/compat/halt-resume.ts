// Earlier API 3: submit, halt, resume, stop, details. A job of it is one of the types `simple` and `day-export`, whoever
// submitted it. What a job's status allows, and what a refusal says, stands in two tables; the engine has the last word.
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  type HALT_RESUME_STATUSES,
  haltableDetails,
  haltJob,
  haltJobByPost,
  resumeHalted,
  resumeHaltedByPost,
  stopHaltable,
  stopHaltableByPost,
  submitHaltable,
} from "../../api/compat/halt-resume.ts";
import { namedMonth } from "../../api/compat/named-month.ts";
import { cancelJob, pauseJob, resumeJob } from "../../api/control-operations.ts";
import { getJob, submitJob } from "../../api/job-operations.ts";
import type { Operation } from "../../api/operation.ts";
import { ERROR_CODES, jobNotFound, PawlError } from "../../domain/errors.ts";
import type { Job } from "../../domain/job.ts";
import type { ControlAnswer } from "../../domain/job-control.ts";
import type { Manager } from "../../engine/manager.ts";
import type { CompatServices } from "./compat-services.ts";
import type { Confirmation } from "./confirm-page.ts";
import { type CompatReply, serveCompat } from "./serve-compat.ts";
import { type Stage, stageOf } from "./stage.ts";

type Status = (typeof HALT_RESUME_STATUSES)[number];

export const STATUS: Readonly<Record<Stage, Status>> = {
  queued: "Submitted",
  requeued: "Running",
  running: "Running",
  pausing: "Halted",
  paused: "Halted",
  cancelling: "Stopped",
  undoing: "Stopped",
  succeeded: "Completed",
  failed: "Failed",
  cancelled: "Stopped",
  rolled_back: "Stopped",
  rollback_failed: "Failed",
};

type Steering = "halt" | "resume" | "stop";

/** Why a job with this status is not steered so; `null`: it is. */
const REFUSED: Readonly<Record<Steering, Readonly<Record<Status, string | null>>>> = {
  halt: {
    Submitted: null,
    Running: null,
    Halted: "Job is already halted",
    Completed: "Job is already completed",
    Stopped: "Job is already stopped",
    Failed: "Job is already failed",
  },
  resume: {
    Submitted: "Job is not halted",
    Running: "Job is already running",
    Halted: null,
    Completed: "Job is already completed",
    Stopped: "Job is already stopped",
    Failed: "Job is already failed",
  },
  stop: {
    Submitted: null,
    Running: null,
    Halted: null,
    Completed: "Job is already completed",
    Stopped: "Job is already stopped",
    Failed: "Job is already failed",
  },
};

/** By the place that is wrong. */
const SUBMIT_REFUSED: Readonly<Record<string, string>> = {
  "/type": "Invalid Job Type",
  "/args/from_date": "Invalid from_date format",
  "/args/to_date": "Invalid to_date format",
};

const TYPES: readonly string[] = ["simple", "day-export"];

export function haltResumeRoutes(scope: FastifyInstance, services: CompatServices): void {
  const { manager } = services;
  serveCompat(
    scope,
    submitHaltable,
    services,
    { refusal: submitRefusal, successor: submitJob },
    async ({ body, caller }) => {
      const { type, ...input } = body;
      const job = await manager.submit(
        { type: type === "Simple" ? "simple" : "day-export", input },
        { actor: caller.name },
      );
      return success(job.id);
    },
  );
  serveCompat(scope, haltableDetails, services, { refusal, successor: getJob }, async ({ params }) => {
    const job = await need(manager, params.jobID);
    return success(job.id, { jobID: job.id, status: statusOf(job), ...rangeOf(job) });
  });
  steeringRoutes(scope, services, {
    steering: "halt",
    operations: [haltJob, haltJobByPost],
    successor: pauseJob,
    asks: { heading: "Halt a job", effect: "It stops at its next checkpoint and keeps its place.", button: "Halt it" },
  });
  steeringRoutes(scope, services, {
    steering: "resume",
    operations: [resumeHalted, resumeHaltedByPost],
    successor: resumeJob,
    asks: { heading: "Resume a job", effect: "It goes on where it was halted.", button: "Resume it", harmless: true },
  });
  steeringRoutes(scope, services, {
    steering: "stop",
    operations: [stopHaltable, stopHaltableByPost],
    successor: cancelJob,
    asks: { heading: "Stop a job", effect: "It stops for good, and what it did is undone.", button: "Stop it" },
  });
}

interface SteeringRoutes {
  readonly steering: Steering;
  readonly operations: readonly (Operation & Pick<typeof haltJob, "params">)[];
  readonly successor: Operation;
  /** What the page of the GET asks. */
  readonly asks: Omit<Confirmation, "job">;
}

function steeringRoutes(scope: FastifyInstance, services: CompatServices, routes: SteeringRoutes): void {
  const { steering, operations, successor, asks } = routes;
  for (const operation of operations) {
    const rules = {
      refusal,
      successor,
      confirmation: ({ params }: { readonly params: { readonly jobID: string } }) => ({ ...asks, job: params.jobID }),
    };
    serveCompat(scope, operation, services, rules, ({ params, caller }) =>
      steer(services.manager, steering, params.jobID, caller.name),
    );
  }
}

const statusOf = (job: Job): Status => STATUS[stageOf(job)];

const success = (jobID: string, details: object = {}): CompatReply => ({
  status: 200,
  body: { jobID, message: "Success", details },
  jobId: jobID,
});

/** The range of an export, in this API's own form. */
function rangeOf({ type, input }: Job): object {
  if (type !== "day-export") return {};
  const { from, to } = Object(input);
  return { from_date: namedMonth(String(from)), to_date: namedMonth(String(to)) };
}

async function need(manager: Manager, id: string): Promise<Job> {
  const job = await manager.get(id);
  if (!job || !TYPES.includes(job.type)) throw jobNotFound(id);
  return job;
}

async function steer(manager: Manager, steering: Steering, id: string, actor: string): Promise<CompatReply> {
  const job = await need(manager, id);
  if (REFUSED[steering][statusOf(job)] !== null) return refuse(steering, job);
  const answer = await request(manager, steering, { id, actor });
  // Somebody else may have changed it since it was looked at.
  if (!answer || answer.outcome === "already") return refuse(steering, answer?.job ?? (await need(manager, id)));
  return success(id);
}

/** `null` when the job's state does not allow it. */
async function request(
  manager: Manager,
  steering: Steering,
  { id, actor }: { readonly id: string; readonly actor: string },
): Promise<ControlAnswer | null> {
  const ask = { halt: manager.pause, resume: manager.resume, stop: manager.cancel }[steering];
  try {
    // A job that was stopped meanwhile is being undone: a halt or a resume is not meant for that.
    return await ask(id, steering === "stop" ? { actor } : { actor, phase: "forward" });
  } catch (error) {
    if (error instanceof PawlError && error.code === "action_not_allowed") return null;
    throw error;
  }
}

function refuse(steering: Steering, job: Job): CompatReply {
  const why = REFUSED[steering][statusOf(job)] ?? "Job has just changed";
  return {
    status: 409,
    body: { jobID: job.id, error: `Failed to ${steering} the Job : ${why}` },
    jobId: job.id,
  };
}

function submitRefusal({ code, message, extras }: PawlError): CompatReply {
  const refused = (error: string) => ({ status: ERROR_CODES[code].status, body: { jobID: "", error } });
  if (code !== "invalid_request" && code !== "invalid_input") return refused(message);
  const [text] = (extras.errors ?? []).flatMap(({ pointer }) => SUBMIT_REFUSED[pointer] ?? []);
  return refused(text ?? "Invalid Job request format");
}

function refusal({ code }: PawlError, { params }: FastifyRequest): CompatReply | null {
  if (code !== "job_not_found") return null;
  return { status: 404, body: { jobID: Object(params).jobID, error: "Invalid JobID" } };
}
