// The input of a job, checked by its type: what a submit and an edit have in common. The input is stored as it was given;
// the schema is asked again when the job runs.
import { invalidInput } from "../domain/errors.ts";
import { findNonJson, type Json } from "../domain/json.ts";
import { hasMask, SECRET_MASK } from "../domain/secrets.ts";
import type { FileIndex, NewJob } from "../ports/store.ts";
import type { RegisteredType } from "./registry.ts";

/** An input, and what the type makes of it. */
export type CheckedInput = Pick<NewJob, "input" | "exclusiveGroup" | "concurrencyKey" | "secretFields" | "fileIds">;

/** Rejects with `invalid_input`: no JSON, refused by the type's schema, or naming a file that does not exist. */
export async function checkInput(files: FileIndex, type: RegisteredType, given: unknown): Promise<CheckedInput> {
  const input = asJson(type, given);
  if (hasMask(input, type.secretFields)) throw invalidInput(type.info.name, [MASKED]);
  const parsed = await type.parse(input);
  const named = filesOf(input, type.fileFields);
  if (named.length > 0) await checkFiles(files, type, named);
  return {
    input,
    exclusiveGroup: type.exclusiveGroup(parsed),
    concurrencyKey: type.concurrencyKey(parsed),
    secretFields: type.secretFields,
    fileIds: named.map((file) => file.id),
  };
}

/** The input as JSON. Throws `invalid_input` with the first place that JSON cannot hold. */
export function asJson(type: RegisteredType, given: unknown): Json {
  const wrong = findNonJson(given);
  if (wrong) throw invalidInput(type.info.name, [wrong]);
  return (given ?? null) as Json;
}

const MASKED = {
  pointer: "",
  message: `holds "${SECRET_MASK}", which is only shown in place of a secret; give the secret itself`,
};

/** A stored file that an input names. */
interface NamedFile {
  readonly field: string;
  readonly id: string;
}

/** The files that `input` names in the given fields. */
export function filesOf(input: Json, fields: readonly string[]): readonly NamedFile[] {
  if (input === null || typeof input !== "object" || Array.isArray(input)) return [];
  const named = input as { readonly [name: string]: Json };
  return fields.flatMap((field) => (typeof named[field] === "string" ? [{ field, id: named[field] }] : []));
}

async function checkFiles(files: FileIndex, type: RegisteredType, wanted: readonly NamedFile[]): Promise<void> {
  const found = new Set((await files.getFiles(wanted.map((file) => file.id))).map((file) => file.id));
  const problems = wanted
    .filter((file) => !found.has(file.id))
    .map((file) => ({ pointer: `/${file.field}`, message: `no stored file has the id ${file.id}` }));
  if (problems.length > 0) throw invalidInput(type.info.name, problems);
}
