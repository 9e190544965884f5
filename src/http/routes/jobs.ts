// Submit, list, get and delete.
import fastifyMultipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { z } from "zod";
import { getJob, listJobs, removeJob, submitJob } from "../../api/job-operations.ts";
import { INPUT_MAX_BYTES, type submitBody } from "../../api/requests.ts";
import { invalidRequest, jobNotFound, PawlError } from "../../domain/errors.ts";
import type { RouteServices } from "../route-services.ts";
import { readBody, serve } from "../serve.ts";
import { FILES_MAX, passLeftover, type ReceivedForm, receiveForm } from "../upload.ts";

type SubmitBody = z.output<typeof submitBody>;

export function jobRoutes(app: FastifyInstance, services: RouteServices): void {
  const { manager, actor } = services;
  serve(app, listJobs, services, ({ query }) => manager.list(query));
  serve(app, getJob, services, async ({ params }) => {
    const job = await manager.get(params.id);
    if (!job) throw jobNotFound(params.id);
    return job;
  });
  serve(app, removeJob, services, async ({ params, query }) => {
    await manager.remove(params.id, { force: query.force, actor });
    return undefined;
  });
  app.register(async (scope) => {
    await scope.register(fastifyMultipart);
    submitRoute(scope, services);
  });
}

function submitRoute(app: FastifyInstance, services: RouteServices): void {
  const { manager, actor, clock } = services;
  const submit = (body: SubmitBody) => manager.submit(body, { actor });

  async function submitForm(request: FastifyRequest) {
    const form = await receiveForm(request, FORM, services.uploads);
    try {
      return await submit(toSubmit(form));
    } catch (error) {
      const refused = error instanceof PawlError && error.code !== "store_unavailable";
      // A store that did not answer may have taken the job, and the files with it.
      if (refused) await manager.files.discard([...form.files.values()].map((file) => file.id));
      throw error;
    }
  }

  serve(app, submitJob, services, async ({ request, reply }) => {
    if (!request.isMultipart()) {
      const job = await submit(
        checkSubmit(request.body, Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY)),
      );
      reply.header("location", `/api/v1/jobs/${job.id}`);
      return job;
    }
    try {
      const job = await submitForm(request);
      reply.header("location", `/api/v1/jobs/${job.id}`);
      return job;
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

/** Checks a job. `textBytes` is the length of the text that it came in: an input cannot be longer. */
function checkSubmit(value: unknown, textBytes: number): SubmitBody {
  const body = readBody(submitJob, value);
  const tooLarge = textBytes > INPUT_MAX_BYTES && Buffer.byteLength(JSON.stringify(body.input)) > INPUT_MAX_BYTES;
  if (tooLarge)
    throw new PawlError("payload_too_large", "The input is larger than 256 KiB. Upload large data as a file.");
  return body;
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
