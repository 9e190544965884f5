// Earlier API 2: CSV upload, bulk teams and export. Its job id is the job's key, by which `updateTask` finds the job.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { createBulkTeam, exportBaseline, uploadBaseline } from "../../api/compat/csv-tasks.ts";
import { submitJob } from "../../api/job-operations.ts";
import { invalidRequest, PawlError } from "../../domain/errors.ts";
import type { Manager } from "../../engine/manager.ts";
import { passLeftover, receiveForm } from "../upload.ts";
import type { CompatServices } from "./compat-services.ts";
import { createTaskIds, type TaskKind } from "./csv-task-ids.ts";
import { updateTaskRoutes } from "./csv-task-updates.ts";
import { type CompatReply, serveCompat } from "./serve-compat.ts";

const DATASET = "baseline";
/** Another process, or the one before this, may have made the same id in this second. */
const ID_TRIES = 5;

export function csvTaskRoutes(scope: FastifyInstance, services: CompatServices): void {
  const { manager, compat, clock } = services;
  const submit = createSubmit(manager, createTaskIds(clock));
  const uploading = { refusal: uploadRefusal(manager), successor: submitJob };
  const { baselineDateColumn: dateColumn } = compat;
  const dates = dateColumn === null ? { detectDateColumn: true } : { dateColumn };
  serveCompat(scope, uploadBaseline, services, uploading, ({ request, reply }) =>
    withUpload(services, { request, reply }, (file) =>
      submit(request, { kind: "baselineCSV", type: "csv-import", input: { file, dataset: DATASET, ...dates } }),
    ),
  );
  serveCompat(scope, createBulkTeam, services, uploading, ({ request, reply }) =>
    withUpload(services, { request, reply }, (file) =>
      submit(request, { kind: "bulkTeam", type: "bulk-teams", input: { file } }),
    ),
  );
  const exporting = { refusal: exportRefusal, successor: submitJob };
  serveCompat(scope, exportBaseline, services, exporting, ({ request, body: { from, to } }) =>
    submit(request, { kind: "createExport", type: "data-export", input: { dataset: DATASET, from, to } }),
  );
  updateTaskRoutes(scope, services);
}

interface Task {
  readonly kind: TaskKind;
  readonly type: string;
  readonly input: object;
}

type Submit = (request: FastifyRequest, task: Task) => Promise<CompatReply>;

function createSubmit(manager: Manager, makeId: ReturnType<typeof createTaskIds>): Submit {
  return async ({ caller }, { kind, type, input }) => {
    for (let tries = 1; ; tries += 1) {
      const key = makeId(caller.name, kind);
      try {
        const { id } = await manager.submit({ type, input, key }, { actor: caller.name });
        return { status: 200, body: { "Job ID": key }, jobId: id };
      } catch (error) {
        if (!(error instanceof PawlError && error.code === "key_taken" && tries < ID_TRIES)) throw error;
      }
    }
  };
}

/** Stores the file of the form and submits with it. A file that no job took is deleted again. */
async function withUpload(
  { uploads, manager, clock }: CompatServices,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  submit: (fileId: string) => Promise<CompatReply>,
): Promise<CompatReply> {
  try {
    if (!request.isMultipart()) throw noFile();
    const { files } = await receiveForm(request, { jsonFields: [], filesMax: 1, ignoreOthers: true }, uploads);
    const file = files.get("file");
    const ids = [...files.values()].map(({ id }) => id);
    try {
      if (!file || file.size === 0) throw noFile();
      return await submit(file.id);
    } catch (error) {
      // A store that did not answer may have taken the job, and the file with it.
      if (error instanceof PawlError && error.code !== "store_unavailable") await manager.files.discard(ids);
      throw error;
    }
  } catch (error) {
    await passLeftover(request, reply, clock);
    throw error;
  }
}

const noFile = () => invalidRequest('The form has no file in a field "file".');

function uploadRefusal(manager: Manager) {
  return async ({ code, extras }: PawlError, request: FastifyRequest): Promise<CompatReply | null> => {
    switch (code) {
      case "invalid_request":
        return NOT_ACCEPTED;
      case "payload_too_large":
        return request.isMultipart() ? null : NOT_ACCEPTED;
      case "exclusive_group_taken":
        return {
          status: 409,
          body: { errorType: "upload_in_progress", "Job ID": await nameOf(manager, extras.holder) },
        };
      case "queue_full":
        return QUEUE_FULL;
    }
    return null;
  };
}

const NOT_ACCEPTED: CompatReply = { status: 400, body: { errorType: "File not accepted" } };
const QUEUE_FULL: CompatReply = { status: 429, body: { errorType: "queue_full" } };

/** The id that a job has here; one that was submitted elsewhere may have no key. */
async function nameOf(manager: Manager, id = ""): Promise<string> {
  return (await manager.get(id))?.key ?? id;
}

const EXPORT_REFUSED: Readonly<Record<string, string>> = {
  "/from": "invalid_from_date",
  "/to": "invalid_to_date",
  "/range": "invalid_date_range",
};

function exportRefusal({ code, extras }: PawlError): CompatReply | null {
  if (code === "queue_full") return QUEUE_FULL;
  if (code !== "invalid_request") return null;
  const [errorType = "invalid_json"] = (extras.errors ?? []).flatMap(({ pointer }) => EXPORT_REFUSED[pointer] ?? []);
  return { status: 400, body: { errorType } };
}
