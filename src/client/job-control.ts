// The manager's `JobControl`, said over HTTP. Submits carry an idempotency key and control requests a request id, so that
// one whose answer was lost can be sent again.
import { invalidRequest, PawlError } from "../domain/errors.ts";
import type { Job, JobSummary } from "../domain/job.ts";
import type {
  BulkAnswer,
  BulkRequest,
  ControlAnswer,
  ControlOptions,
  JobControl,
  JobEdit,
  ListRequest,
  Page,
  SubmitOptions,
} from "../domain/job-control.ts";
import { LIMITS } from "../domain/limits.ts";
import { asJson } from "./json-input.ts";
import { ROUTES } from "./routes.ts";
import type { ReadOptions, Send } from "./send.ts";

export interface Steering extends Omit<JobControl, "get" | "list" | "history" | "logs" | "artifacts" | "waitUntil"> {
  /** `null` when there is no such job. */
  get(id: string, options?: ReadOptions): Promise<Job | null>;
  list(request?: ListRequest, options?: ReadOptions): Promise<Page<JobSummary>>;
}

/** A bulk action asks job by job. */
const BULK_WITHIN_MS = 600_000;

export function createSteering(send: Send): Steering {
  const submitOnce = createSubmitOnce(send);
  return {
    submitOnce,
    submit: async (request, options) => (await submitOnce(request, options)).job,
    async submitAll(requests, options = {}) {
      const jobs = requests.map(({ input, ...request }, index) => {
        return { ...request, input: asJson(input, `/jobs/${index}/input`) };
      });
      const headers = keyHeader(options, newKey());
      return (await send(ROUTES.submitJobs, { body: { jobs }, headers })).body.jobs;
    },
    edit: (id, change, options) => edit(send, id, { change, options }),
    bulk: (request) => bulk(send, request),
    get: (id, options) => get(send, id, options),
    list: (request, options) => list(send, request, options),
    ...createControl(send),
    async remove(id, { force } = {}) {
      await send(ROUTES.removeJob, { params: { id }, query: { force } });
    },
  };
}

type Control = Pick<JobControl, "pause" | "resume" | "cancel" | "terminate" | "retry" | "rollback">;

function createControl(send: Send): Control {
  return {
    pause: async (id, options) => answerOf(await send(ROUTES.pauseJob, { params: { id }, body: bodyOf(options) })),
    resume: async (id, options) => answerOf(await send(ROUTES.resumeJob, { params: { id }, body: bodyOf(options) })),
    cancel: async (id, options) => {
      const body = { ...bodyOf(options), rollback: options?.rollback };
      return answerOf(await send(ROUTES.cancelJob, { params: { id }, body }));
    },
    terminate: async (id, options) => {
      const body = { ...bodyOf(options), rollback: options?.rollback };
      return answerOf(await send(ROUTES.terminateJob, { params: { id }, body }));
    },
    retry: async (id, options) => {
      const body = { ...bodyOf(options), from: options?.from };
      return answerOf(await send(ROUTES.retryJob, { params: { id }, body }));
    },
    rollback: async (id, options) =>
      answerOf(await send(ROUTES.rollbackJob, { params: { id }, body: bodyOf(options) })),
  };
}

function bodyOf({ reason, requestId = newKey(), phase }: ControlOptions = {}) {
  // Left out silently, the request would mean jobs that were not meant.
  if (phase !== undefined)
    throw invalidRequest("phase cannot be said over HTTP. Look at the job first, or leave it out.");
  return { reason, requestId };
}

const answerOf = ({ status, body: job }: { readonly status: number; readonly body: Job }): ControlAnswer => ({
  outcome: status === 202 ? "requested" : "already",
  job,
});

function createSubmitOnce(send: Send): JobControl["submitOnce"] {
  return async ({ input, ...request }, options = {}) => {
    const { dedupe } = request;
    // The server takes one or the other. "once" answers the same job however often it is sent.
    const headers = keyHeader(options, dedupe ? undefined : newKey());
    const { status, body: job } = await send(ROUTES.submitJob, {
      body: { ...request, input: asJson(input) },
      headers,
      repeatable: "idempotency-key" in headers || dedupe?.mode === "once",
    });
    // A key that nobody else has stands for the job of this submit, even where a lost answer made it come twice.
    const own = options.idempotencyKey === undefined && !dedupe;
    return { outcome: own || status === 201 ? "created" : "existing", job };
  };
}

interface Edit {
  readonly change: JobEdit;
  readonly options?: ControlOptions;
}

async function edit(send: Send, id: string, { change, options = {} }: Edit): Promise<Job> {
  const { input, ...settings } = change;
  const body = { ...settings, ...(input !== undefined && { input: asJson(input) }), reason: options.reason };
  return (await send(ROUTES.editJob, { params: { id }, body })).body;
}

async function bulk(send: Send, { action, filter, reason, dryRun }: BulkRequest): Promise<BulkAnswer> {
  const request = { body: { action, filter, reason, dryRun }, repeatable: dryRun === true, withinMs: BULK_WITHIN_MS };
  return (await send(ROUTES.bulkAction, request)).body;
}

async function get(send: Send, id: string, { signal }: ReadOptions = {}): Promise<Job | null> {
  try {
    return (await send(ROUTES.getJob, { params: { id }, signal })).body;
  } catch (error) {
    if (error instanceof PawlError && error.code === "job_not_found") return null;
    throw error;
  }
}

async function list(send: Send, request: ListRequest = {}, { signal }: ReadOptions = {}): Promise<Page<JobSummary>> {
  const { state, type, queue } = request;
  // "Any of none": a query cannot say that.
  if ([state, type, queue].some((names) => names?.length === 0)) return { items: [], nextCursor: null };
  return (await send(ROUTES.listJobs, { query: request, signal })).body;
}

/** What makes two requests one: 128 random bits. `crypto.randomUUID` is missing from pages that came over plain http. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

function keyHeader(
  { idempotencyKey, digest }: SubmitOptions,
  own: string | undefined,
): Readonly<Record<string, string>> {
  if (digest !== undefined)
    throw invalidRequest("digest cannot be said over HTTP, where the server makes it. Leave it out.");
  const key = idempotencyKey ?? own;
  if (key === undefined) return {};
  if (key.length > LIMITS.idempotencyKeyLength || !PRINTABLE.test(key)) {
    throw invalidRequest(`idempotencyKey has to be 1 to ${LIMITS.idempotencyKeyLength} printable ASCII characters.`);
  }
  return { "idempotency-key": key };
}
