// Takes files in, as they arrive: straight to the file store, never whole in memory, and gone again when the request
// turns out to be no good.
import type { Readable } from "node:stream";
import type { MultipartValue } from "@fastify/multipart";
import type { FastifyReply, FastifyRequest } from "fastify";
import { JSON_MAX_BYTES } from "../api/requests.ts";
import { invalidRequest, PawlError } from "../domain/errors.ts";
import type { Files } from "../engine/manager.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileEntry } from "../ports/store.ts";
import { checkJson, parseJson } from "./json-body.ts";

export const FILES_MAX = 16;

/** The file store sets the limit of a file's size, so that there is one place and one error for it. */
const MULTIPART_LIMITS = {
  fileSize: Number.MAX_SAFE_INTEGER,
  fieldSize: JSON_MAX_BYTES,
  fieldNameSize: 100,
  files: FILES_MAX,
  fields: 4,
  parts: FILES_MAX + 4,
};

export interface UploadServices {
  readonly files: Files;
  readonly clock: Clock;
  readonly maxUploadBytes: number;
}

/** What a form held: JSON fields by name, and stored files by field name. */
export interface ReceivedForm {
  readonly fields: ReadonlyMap<string, unknown>;
  readonly files: ReadonlyMap<string, FileEntry>;
}

export interface FormOptions {
  /** Names of the JSON fields that may come. */
  readonly jsonFields: readonly string[];
  readonly filesMax: number;
  /** Passes over text fields with other names, instead of refusing the form. */
  readonly ignoreOthers?: boolean;
  /** Looks at a JSON field as soon as it is there: a throw refuses the form before its files are taken in. */
  readonly onField?: (value: unknown) => void;
}

/** Characters that a file name is not shown with, and a type that is none, are replaced: both end up in headers. */
const cleanName = (name: string | undefined) => (name ?? "").replaceAll(/\p{Cc}/gu, "_").slice(0, 255) || "upload";
export const cleanMediaType = (type: string | undefined) =>
  type && /^[\w!#$&^.+-]{1,60}\/[\w!#$&^.+-]{1,60}$/.test(type) ? type : "application/octet-stream";

/**
 * A body that breaks off is the caller's error, whatever reads it says. When the file store stops reading, the source must
 * not be destroyed: it may be the request itself, and with it the connection that the answer has to go out on.
 */
async function* unbroken(source: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* source.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw new PawlError("invalid_request", "The upload broke off before its end.", { cause: error });
  }
}

/** Stores one file of the request. */
export function storeUpload(
  source: Readable,
  file: { readonly name?: string; readonly type?: string },
  services: UploadServices,
): Promise<FileEntry> {
  const { files, maxUploadBytes } = services;
  return files.upload(unbroken(source), {
    name: cleanName(file.name),
    mediaType: cleanMediaType(file.type),
    maxBytes: maxUploadBytes,
  });
}

/** Reads a form to its end and stores its files. When that fails, what was stored is deleted. */
export async function receiveForm(
  request: FastifyRequest,
  options: FormOptions,
  services: UploadServices,
): Promise<ReceivedForm> {
  const fields = new Map<string, unknown>();
  const files = new Map<string, FileEntry>();
  try {
    for await (const part of request.parts({ limits: MULTIPART_LIMITS })) {
      const name: string | undefined = part.fieldname;
      if (name === undefined) throw invalidRequest("The form has a part without a name.");
      if (fields.has(name) || files.has(name)) throw invalidRequest(`The form has the field "${name}" twice.`);
      if (part.type === "file") {
        if (files.size === options.filesMax)
          throw invalidRequest(`The form has more than ${options.filesMax} file(s).`);
        files.set(name, await storeUpload(part.file, { name: part.filename, type: part.mimetype }, services));
      } else if (options.jsonFields.includes(name) || !options.ignoreOthers) {
        fields.set(name, readField(part, options));
      }
    }
  } catch (error) {
    await services.files.discard([...files.values()].map((file) => file.id));
    throw asFormError(error);
  }
  return { fields, files };
}

function readField(part: MultipartValue, { jsonFields, onField }: FormOptions): unknown {
  if (!jsonFields.includes(part.fieldname))
    throw invalidRequest(`The form has a field "${part.fieldname}" that is not known here.`);
  if (part.valueTruncated)
    throw new PawlError("payload_too_large", `The field "${part.fieldname}" is larger than 1 MiB.`);
  const { value } = part;
  const parsed = typeof value === "string" ? parseJson(value) : value;
  checkJson(parsed);
  onField?.(parsed);
  return parsed;
}

/** Errors of the parser, which calls a boundary its needle, are the caller's; they have a status, or none where the form is malformed. */
function asFormError(error: unknown): unknown {
  if (error instanceof PawlError || !(error instanceof Error)) return error;
  const fromParser =
    "statusCode" in error || /multipart|part terminated|boundary|needle|malformed/i.test(error.message);
  if ("statusCode" in error || !fromParser) return error;
  return new PawlError("invalid_request", "The form is malformed, or broke off before its end.", { cause: error });
}

const LEFTOVER_MAX_BYTES = 8 * 1024 * 1024;
const LEFTOVER_MAX_MS = 1_000;

/**
 * Lets the rest of a refused upload pass, so that a sender who is still writing gets to read the answer.
 * Bounded: whoever sends on is cut off after the answer.
 */
export function passLeftover(request: FastifyRequest, reply: FastifyReply, clock: Clock): Promise<void> {
  const { raw } = request;
  if (raw.complete || raw.destroyed) return Promise.resolve();
  reply.header("connection", "close");
  return new Promise((resolve) => {
    let passed = 0;
    const cancel = clock.after(LEFTOVER_MAX_MS, done);
    function done(): void {
      cancel();
      raw.off("data", count).off("end", done).off("close", done);
      resolve();
    }
    function count(chunk: Buffer): void {
      passed += chunk.length;
      if (passed > LEFTOVER_MAX_BYTES) done();
    }
    raw.unpipe();
    raw.on("data", count).once("end", done).once("close", done);
    raw.resume();
  });
}
