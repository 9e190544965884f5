// Earlier API 2, its `updateTask`: stop, start and terminate by the job's key. A repeat is no error; what the state does
// not allow is told with the state in this API's words.
import type { FastifyInstance } from "fastify";
import {
  type CSV_TASK_ACTIONS,
  type CSV_TASK_STATES,
  updateTask,
  updateTaskByPost,
} from "../../api/compat/csv-tasks.ts";
import { cancelJob, pauseJob, resumeJob } from "../../api/control-operations.ts";
import type { Operation } from "../../api/operation.ts";
import { jobNotFound, PawlError } from "../../domain/errors.ts";
import type { JobSummary } from "../../domain/job.ts";
import type { Manager } from "../../engine/manager.ts";
import type { CompatServices } from "./compat-services.ts";
import { newestKeyHolder } from "./key-holder.ts";
import { type CompatCall, type CompatReply, serveCompat } from "./serve-compat.ts";
import { type Stage, stageOf } from "./stage.ts";

type TaskState = (typeof CSV_TASK_STATES)[number];
type TaskAction = (typeof CSV_TASK_ACTIONS)[number];

const TYPES = ["csv-import", "bulk-teams", "data-export"];

export const STATES: Readonly<Record<Stage, TaskState>> = {
  queued: "started",
  requeued: "started",
  running: "started",
  pausing: "stopped",
  paused: "stopped",
  cancelling: "terminated",
  undoing: "terminated",
  succeeded: "finished",
  failed: "failed",
  cancelled: "terminated",
  rolled_back: "terminated",
  rollback_failed: "failed",
};

interface Meaning {
  readonly done: string;
  readonly successor: Operation;
  readonly button: string;
  readonly effect: string;
  readonly harmless?: boolean;
}

const MEANINGS: Readonly<Record<TaskAction, Meaning>> = {
  start: {
    done: "started",
    successor: resumeJob,
    button: "Start it",
    harmless: true,
    effect: "It goes on where it was stopped.",
  },
  stop: {
    done: "stopped",
    successor: pauseJob,
    button: "Stop it",
    effect: "It stops after its present rows and keeps its place.",
  },
  terminate: {
    done: "terminated",
    successor: cancelJob,
    button: "Terminate it",
    effect: "It stops for good, and what it did is undone.",
  },
};

type Asked = Pick<CompatCall<typeof updateTask>, "query" | "caller">;

export function updateTaskRoutes(scope: FastifyInstance, services: CompatServices): void {
  const rules = { refusal, successor: cancelJob };
  const confirmation = ({ query }: Pick<Asked, "query">) => ({
    heading: `${query.action[0]?.toUpperCase()}${query.action.slice(1)} a job`,
    job: query.id,
    ...MEANINGS[query.action],
  });
  const update = ({ query, caller }: Asked) => updateJob(services.manager, query, caller.name);
  serveCompat(scope, updateTask, services, { ...rules, confirmation }, update);
  serveCompat(scope, updateTaskByPost, services, rules, update);
}

async function updateJob(manager: Manager, { id, action }: Asked["query"], actor: string): Promise<CompatReply> {
  const job = await newestKeyHolder(manager, { key: id, type: TYPES });
  if (!job) throw jobNotFound(id);
  const { done, successor } = MEANINGS[action];
  const about = { jobId: job.id, successor };
  if (await takes(manager, job, { action, actor })) {
    return { ...about, status: 200, body: { status: `Job ${id} ${done}.` } };
  }
  const state = stateOf((await manager.get(job.id)) ?? job);
  return { ...about, status: 409, body: { errorType: "action_not_allowed", state } };
}

const REFUSED: ReadonlySet<string> = new Set(["action_not_allowed", "job_not_found"]);

/** Whether the job does what is asked, now or already. */
async function takes(
  manager: Manager,
  job: JobSummary,
  { action, actor }: { readonly action: TaskAction; readonly actor: string },
): Promise<boolean> {
  const ask = { start: manager.resume, stop: manager.pause, terminate: manager.cancel }[action];
  try {
    // While it is undone a pause or a resume would be the undo's own.
    await ask(job.id, action === "terminate" ? { actor } : { actor, phase: "forward" });
    return true;
  } catch (error) {
    if (error instanceof PawlError && REFUSED.has(error.code)) return false;
    throw error;
  }
}

/** What undoes itself without having been asked to has failed. */
function stateOf(job: JobSummary): TaskState {
  const state = STATES[stageOf(job)];
  const hasFailed = job.error !== null && !STOPPING.has(job.control?.action ?? "");
  return state === "terminated" && hasFailed ? "failed" : state;
}

const STOPPING: ReadonlySet<string> = new Set(["cancel", "terminate", "rollback"]);

function refusal({ code, extras }: PawlError): CompatReply | null {
  if (code === "job_not_found") return { status: 404, body: { errorType: "id_doesn't_exist" } };
  const places = (extras.errors ?? []).map(({ pointer }) => pointer);
  if (code !== "invalid_request" || !places.some((place) => place === "/id" || place === "/action")) return null;
  return { status: 400, body: { errorType: places.includes("/id") ? "invalid_id" : "invalid_action" } };
}
