// Earlier API 4: a worker pool that creates, gets, lists and cancels jobs of the type `reverse-text`, whoever submitted
// them. A list is read in steps and ends at a length, so that however much is stored, little of it is in memory at once.
import type { FastifyInstance } from "fastify";
import {
  cancelPooled,
  createPooled,
  getPooled,
  listPooled,
  POOL_LIST_CHARS,
  POOL_LIST_MAX,
  type PooledJob,
} from "../../api/compat/worker-pool.ts";
import { cancelJob } from "../../api/control-operations.ts";
import { getJob, listJobs, submitJob } from "../../api/job-operations.ts";
import { ERROR_CODES, jobNotFound, PawlError } from "../../domain/errors.ts";
import type { Job, Json } from "../../domain/job.ts";
import type { Manager } from "../../engine/manager.ts";
import type { CompatServices } from "./compat-services.ts";
import { type CompatReply, serveCompat } from "./serve-compat.ts";
import { type Stage, stageOf } from "./stage.ts";

type Status = PooledJob["status"];

export const STATUS: Readonly<Record<Stage, Status>> = {
  queued: "queued",
  requeued: "processing",
  running: "processing",
  pausing: "processing",
  paused: "queued",
  cancelling: "cancelled",
  undoing: "cancelled",
  succeeded: "completed",
  failed: "failed",
  cancelled: "cancelled",
  rolled_back: "cancelled",
  rollback_failed: "failed",
};

const TYPE = "reverse-text";

export function workerPoolRoutes(scope: FastifyInstance, services: CompatServices): void {
  const { manager } = services;
  serveCompat(scope, createPooled, services, { refusal, successor: submitJob }, async ({ body, caller }) => {
    const { id } = await manager.submit({ type: TYPE, input: { text: body.payload } }, { actor: caller.name });
    return { status: 200, body: { id, status: "queued" }, jobId: id };
  });
  serveCompat(scope, listPooled, services, { refusal, successor: listJobs }, async ({ query }) => ({
    status: 200,
    body: await list(manager, query),
  }));
  serveCompat(scope, getPooled, services, { refusal: notFound, successor: getJob }, async ({ params }) => {
    const job = await need(manager, params.id);
    return { status: 200, body: toPooled(job), jobId: job.id };
  });
  const cancelling = { refusal: notFound, successor: cancelJob };
  serveCompat(scope, cancelPooled, services, cancelling, async ({ params, caller }) => {
    const { id } = await need(manager, params.id);
    const cancelled = await cancel(manager, id, caller.name);
    if (!cancelled) return { status: 400, body: { error: "job cannot be cancelled" }, jobId: id };
    return { status: 200, body: { id, status: "cancelled" }, jobId: id };
  });
}

/** Whether it was queued or processing: the lifecycle refuses what is finished, and knows a cancel that came before. */
async function cancel(manager: Manager, id: string, actor: string): Promise<boolean> {
  try {
    const { outcome } = await manager.cancel(id, { actor });
    return outcome === "requested";
  } catch (error) {
    if (error instanceof PawlError && error.code === "action_not_allowed") return false;
    throw error;
  }
}

async function need(manager: Manager, id: string): Promise<Job> {
  const job = await manager.get(id);
  if (job?.type !== TYPE) throw jobNotFound(id);
  return job;
}

/** Reads made at the same time share a trip to the store, which answers this many at once. */
const STEP = 100;

interface ListOptions {
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

async function list(manager: Manager, { limit = POOL_LIST_MAX, after }: ListOptions): Promise<readonly PooledJob[]> {
  const jobs: PooledJob[] = [];
  let cursor = after;
  let length = 0;
  while (jobs.length < limit && length < POOL_LIST_CHARS) {
    const step = Math.min(STEP, limit - jobs.length);
    const page = await manager.list({ type: [TYPE], limit: step, ...(cursor !== undefined && { cursor }) });
    const read = await Promise.all(page.items.map(({ id }) => manager.get(id)));
    for (const job of read) {
      // Deleted meanwhile.
      if (!job) continue;
      const pooled = toPooled(job);
      length += pooled.payload.length + (pooled.result?.length ?? 0);
      jobs.push(pooled);
    }
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  return jobs;
}

function toPooled(job: Job): PooledJob {
  const status = STATUS[stageOf(job)];
  return {
    id: job.id,
    payload: textOf(job.input),
    status,
    ...(status === "completed" && { result: textOf(job.output) }),
    ...(status === "failed" && job.error && { error: job.error.message }),
    created_at: job.createdAt,
    updated_at: lastChangeOf(job),
  };
}

function textOf(value: Json): string {
  const { text } = Object(value);
  return typeof text === "string" ? text : "";
}

function lastChangeOf({ createdAt, startedAt, finishedAt, control, checkpoint, error }: Job): string {
  const { requestedAt, reachedAt } = control ?? {};
  const moments = [createdAt, startedAt, finishedAt, requestedAt, reachedAt, checkpoint.savedAt, error?.at];
  return moments.reduce<string>((last, at) => (at && at > last ? at : last), createdAt);
}

function refusal({ code, message, extras }: PawlError): CompatReply {
  const refused = (error: string) => ({ status: ERROR_CODES[code].status, body: { error } });
  const [wrong] = extras.errors ?? [];
  if (!wrong) return refused(message);
  // An input is told in the words of its job type.
  const place = wrong.pointer === "/text" ? "payload" : wrong.pointer.slice(1) || "the body";
  return refused(`${place} ${wrong.message}`);
}

const notFound = ({ code }: PawlError): CompatReply | null =>
  code === "job_not_found" ? { status: 404, body: { error: "job not found" } } : null;
