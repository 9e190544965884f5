// What makes a submit repeatable: the caller's key, and a digest of all that was sent with it.
import type { FastifyRequest } from "fastify";
import { invalidRequest } from "../domain/errors.ts";
import type { SubmitOptions } from "../domain/job-control.ts";
import { LIMITS } from "../domain/limits.ts";
import { digestOf } from "../engine/request-digest.ts";
import type { FileEntry } from "../ports/store.ts";

const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** The request's `Idempotency-Key`, where it has one. */
export function idempotencyKeyOf({ headers }: FastifyRequest): Pick<SubmitOptions, "idempotencyKey"> {
  const key = headers["idempotency-key"];
  if (key === undefined) return {};
  if (typeof key !== "string" || key.length > LIMITS.idempotencyKeyLength || !PRINTABLE.test(key)) {
    throw invalidRequest(`Idempotency-Key has to be 1 to ${LIMITS.idempotencyKeyLength} printable ASCII characters.`);
  }
  return { idempotencyKey: key };
}

/** The digest of a form: files are stored anew each time, so their contents count and not their ids. */
export function formDigest(job: unknown, files: ReadonlyMap<string, FileEntry>): Promise<string> {
  const contents = [...files].map(([field, { name, mediaType, sha256 }]) => [field, { name, mediaType, sha256 }]);
  return digestOf({ job, files: Object.fromEntries(contents) });
}
