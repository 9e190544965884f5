// Earlier API 1: start and stop by id. A job is a `ticker` that has the caller's id as its key; which of several requests
// at once is the one that starts or stops it, the store decides.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { BAD_ID, startById, startByIdByPost, stopById, stopByIdByPost } from "../../api/compat/start-stop.ts";
import { cancelJob } from "../../api/control-operations.ts";
import { submitJob } from "../../api/job-operations.ts";
import { PawlError } from "../../domain/errors.ts";
import { isFinal, UNFINISHED_STATES } from "../../domain/lifecycle.ts";
import type { Manager } from "../../engine/manager.ts";
import type { CompatServices } from "./compat-services.ts";
import { newestKeyHolder } from "./key-holder.ts";
import { type CompatCall, type CompatReply, serveCompat } from "./serve-compat.ts";

const TYPE = "ticker";
/** How long a start waits, in ms, for the job of the same id that was stopped: it holds the key until it has ended. */
const STOP_MS = 5_000;

type Asked = Pick<CompatCall<typeof startById>, "query" | "caller" | "request">;

export function startStopRoutes(scope: FastifyInstance, services: CompatServices): void {
  const { manager } = services;
  const start = ({ query, request }: Asked) => startJob(services, request, query.id);
  const stop = async ({ query: { id }, caller }: Asked) => {
    const job = await newestKeyHolder(manager, { key: id, type: [TYPE], state: UNFINISHED_STATES });
    if (job && (await cancels(manager, job.id, caller.name)))
      return text(200, `Job id: ${id} has been canceled`, job.id);
    return text(200, `Job id: ${id} is not running`);
  };
  const starting = { refusal, successor: submitJob };
  const stopping = { refusal, successor: cancelJob };
  serveCompat(scope, startById, services, { ...starting, confirmation: startAsked }, start);
  serveCompat(scope, startByIdByPost, services, starting, start);
  serveCompat(scope, stopById, services, { ...stopping, confirmation: stopAsked }, stop);
  serveCompat(scope, stopByIdByPost, services, stopping, stop);
}

const startAsked = ({ query }: Pick<Asked, "query">) => ({
  heading: "Start a job",
  job: query.id,
  effect: "It prints a line once a second until it is stopped. If it runs already, nothing changes.",
  button: "Start it",
  harmless: true,
});

const stopAsked = ({ query }: Pick<Asked, "query">) => ({
  heading: "Stop a job",
  job: query.id,
  effect: "It stops for good. If it does not run, nothing changes.",
  button: "Stop it",
});

const text = (status: number, body: string, jobId?: string): CompatReply => ({ status, body, jobId });

async function startJob(services: CompatServices, request: FastifyRequest, id: string): Promise<CompatReply> {
  const { manager, clock } = services;
  const deadline = clock.monotonic() + STOP_MS;
  for (;;) {
    const standing = await newestKeyHolder(manager, { key: id, type: [TYPE], state: UNFINISHED_STATES });
    if (standing && standing.state !== "cancelling") return text(200, `Already started job id: ${id}`, standing.id);
    if (!standing) {
      const made = await submitTicker(manager, id, request.caller.name);
      if (made) return made;
    } else if (!(await hasEnded(services, request, { id: standing.id, ms: deadline - clock.monotonic() }))) {
      return text(409, `Job id: ${id} is still being canceled. Start it again in a moment`, standing.id);
    }
  }
}

/** `null`: a ticker of the same id was started, or has ended, at this moment. */
async function submitTicker(manager: Manager, id: string, actor: string): Promise<CompatReply | null> {
  const input = { text: `Doing job id ${id}`, stopText: `Cancelling job id ${id}` };
  try {
    const job = await manager.submit({ type: TYPE, input, key: id }, { actor });
    return text(200, `Job id: ${id} has been started`, job.id);
  } catch (error) {
    if (!(error instanceof PawlError) || error.code !== "key_taken") throw error;
    const holder = await manager.get(error.extras.holder ?? "");
    if (!holder || holder.type === TYPE) return null;
    return text(409, `Job id: ${id} is the key of another job, of the type ${holder.type}`, holder.id);
  }
}

/** Waits for the end of a job that is being stopped: so long, or until the server stops. */
async function hasEnded(
  { polls }: CompatServices,
  request: FastifyRequest,
  { id, ms }: { readonly id: string; readonly ms: number },
): Promise<boolean> {
  try {
    return isFinal((await polls.wait(request, id, { until: ["final"], ms: Math.max(0, ms) })).state);
  } catch (error) {
    if (error instanceof PawlError && error.code === "job_not_found") return true;
    throw error;
  }
}

/** Whether it was this request that stopped the job. */
async function cancels(manager: Manager, id: string, actor: string): Promise<boolean> {
  try {
    return (await manager.cancel(id, { actor })).outcome === "requested";
  } catch (error) {
    if (error instanceof PawlError && ENDED.has(error.code)) return false;
    throw error;
  }
}

/** What a control request is refused with when the job has ended meanwhile. */
const ENDED: ReadonlySet<string> = new Set(["action_not_allowed", "job_not_found"]);

function refusal({ code }: PawlError, { query }: FastifyRequest): CompatReply | null {
  if (code === "queue_full") return text(429, `Job id: ${Object(query).id} was not started, because the queue is full`);
  return code === "invalid_request" ? text(400, BAD_ID) : null;
}
