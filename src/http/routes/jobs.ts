// Submit, list, get and delete.
import fastifyMultipart from "@fastify/multipart";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { editJob, getJob, listJobs, removeJob, submitJob, submitJobs } from "../../api/job-operations.ts";
import { INPUT_MAX_BYTES, type submitBody } from "../../api/requests.ts";
import { invalidRequest, jobNotFound, PawlError } from "../../domain/errors.ts";
import type { Json } from "../../domain/job.ts";
import type { SubmitAnswer } from "../../domain/job-control.ts";
import type { Manager } from "../../engine/manager.ts";
import { formDigest, idempotencyKeyOf } from "../idempotency.ts";
import type { RouteServices } from "../route-services.ts";
import { readBody, serve } from "../serve.ts";
import { FILES_MAX, passLeftover, type ReceivedForm, receiveForm } from "../upload.ts";

type SubmitBody = z.output<typeof submitBody>;

/** How long a wait is that does not say. */
const WAIT_MS = 30_000;

export function jobRoutes(app: FastifyInstance, services: RouteServices): void {
  const { manager } = services;
  serve(app, listJobs, services, ({ query }) => manager.list(query));
  serve(app, getJob, services, async ({ params, query, request }) => {
    if (query.waitMs !== undefined || query.until !== undefined) {
      const { until = ["final"], waitMs = WAIT_MS } = query;
      return services.polls.wait(request, params.id, { until, ms: waitMs });
    }
    const job = await manager.get(params.id);
    if (!job) throw jobNotFound(params.id);
    return job;
  });
  serve(app, editJob, services, ({ params, body: { reason, ...change }, caller }) => {
    checkInputSize(change.input, Number.POSITIVE_INFINITY);
    return manager.edit(params.id, change, { actor: caller.name, reason });
  });
  serve(app, submitJobs, services, async ({ body, caller, request }) => {
    for (const job of body.jobs) checkInputSize(job.input, Number.POSITIVE_INFINITY);
    const jobs = await manager.submitAll(body.jobs, { actor: caller.name, ...idempotencyKeyOf(request) });
    request.auditTarget = `${jobs.length} jobs`;
    return { jobs };
  });
  serve(app, removeJob, services, async ({ params, query, caller }) => {
    await manager.remove(params.id, { force: query.force, actor: caller.name });
    return undefined;
  });
  app.register(async (scope) => {
    await scope.register(fastifyMultipart);
    submitRoute(scope, services);
  });
}

function submitRoute(app: FastifyInstance, services: RouteServices): void {
  const { manager, clock } = services;
  const submit = (request: FastifyRequest, body: SubmitBody, digest?: string) =>
    manager.submitOnce(body, { actor: request.caller.name, digest, ...idempotencyKeyOf(request) });

  async function submitForm(request: FastifyRequest) {
    const form = await receiveForm(request, FORM, services.uploads);
    const ids = [...form.files.values()].map((file) => file.id);
    const discard = (unused: readonly string[] = ids) => manager.files.discard(unused);
    try {
      const answer = await submit(request, toSubmit(form), await formDigest(form.fields.get("job"), form.files));
      // The job that stands for this submit has files of its own, unless it took these.
      if (answer.outcome === "existing") await discard(await ownerless(manager, ids));
      return answer;
    } catch (error) {
      const refused = error instanceof PawlError && error.code !== "store_unavailable";
      // A store that did not answer may have taken the job, and the files with it.
      if (refused) await discard();
      throw error;
    }
  }

  const answer = (reply: FastifyReply, { outcome, job }: SubmitAnswer) => {
    reply.code(outcome === "created" ? 201 : 200).header("location", `/api/v1/jobs/${job.id}`);
    return job;
  };

  serve(app, submitJob, services, async ({ request, reply }) => {
    if (!request.isMultipart()) {
      const length = Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY);
      return answer(reply, await submit(request, checkSubmit(request.body, length)));
    }
    try {
      return answer(reply, await submitForm(request));
    } catch (error) {
      await passLeftover(request, reply, clock);
      throw error;
    }
  });
}

const FORM = {
  jsonFields: ["job"],
  filesMax: FILES_MAX,
  onField: (value: unknown) => void checkSubmit(value, Number.POSITIVE_INFINITY),
};

/** Those of the files that no job has taken. */
async function ownerless({ files }: Manager, ids: readonly string[]): Promise<readonly string[]> {
  const entries = await Promise.all(ids.map((id) => files.get(id)));
  return entries.flatMap((entry) => (entry && entry.jobId === null ? [entry.id] : []));
}

/** Checks a job. `textBytes` is the length of the text that it came in. */
function checkSubmit(value: unknown, textBytes: number): SubmitBody {
  const body = readBody(submitJob, value);
  checkInputSize(body.input, textBytes);
  return body;
}

/** Measures only what may be too large: an input cannot be longer than the text that it came in. */
function checkInputSize(input: Json | undefined, textBytes: number): void {
  if (input === undefined || textBytes <= INPUT_MAX_BYTES) return;
  if (Buffer.byteLength(JSON.stringify(input)) <= INPUT_MAX_BYTES) return;
  throw new PawlError("payload_too_large", "The input is larger than 256 KiB. Upload large data as a file.");
}

/** The job that a form describes: each file's id stands in the input under the name of its field. */
function toSubmit({ fields, files }: ReceivedForm): SubmitBody {
  if (!fields.has("job")) throw invalidRequest('The form has no text field "job", which says what to run.');
  const body = readBody(submitJob, fields.get("job"));
  const { input } = body;
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw invalidRequest("The input must be an object, so that the files have a place in it.");
  }
  for (const name of files.keys()) {
    if (Object.hasOwn(input, name)) {
      throw invalidRequest(`The input already has "${name}", and a file is sent under that name.`, [
        { pointer: `/input/${name}`, message: "is given twice" },
      ]);
    }
  }
  const fileIds = Object.fromEntries([...files].map(([name, file]) => [name, file.id]));
  return { ...body, input: { ...input, ...fileIds } };
}
