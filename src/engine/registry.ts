// The job types that this process knows, with every default filled in. A job type is checked when it is registered,
// so that a mistake of its author shows at start and not at the first job.
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { invalidInput, invalidRequest, unknownJobType } from "../domain/errors.ts";
import type { Json } from "../domain/job.ts";
import type { JobTypeInfo } from "../domain/job-control.ts";
import { type BackoffPolicy, DEFAULT_RETRY, type RetryPolicy } from "../domain/retry.ts";
import type { ClaimableType } from "../ports/store.ts";
import type { JobDefinition } from "./define-job.ts";
import { FILE_ID_FORMAT } from "./file-ref.ts";
import type { JobContext } from "./job-context.ts";

/** A definition with its defaults filled in, and its input's type forgotten. */
export interface RegisteredType {
  readonly info: JobTypeInfo;
  readonly retry: RetryPolicy;
  readonly rollbackOnFailure: boolean;
  readonly cancelGraceMs: number;
  /** Names of the input's fields that hold the id of a stored file. */
  readonly fileFields: readonly string[];
  readonly run: (job: JobContext) => Promise<unknown>;
  readonly rollback: ((job: JobContext) => Promise<void>) | null;
  /** Rejects with `invalid_input`, else answers what the handler gets. */
  parse(input: Json): Promise<unknown>;
  exclusiveGroup(parsed: unknown): string | null;
}

export interface Registry {
  readonly names: readonly string[];
  /** What a worker of this process can claim. */
  readonly claimable: readonly ClaimableType[];
  /** Throws `unknown_job_type`. */
  get(type: string): RegisteredType;
  infos(): readonly JobTypeInfo[];
}

/** Any definition, whatever its input: what `createManager` takes. */
// biome-ignore lint/suspicious/noExplicitAny: a handler's parameter is contravariant, so no other type accepts every definition
export type AnyJobDefinition = JobDefinition<any, any>;

const DEFAULT_CANCEL_GRACE_MS = 10_000;
const TYPE_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Throws `invalid_request` when two definitions share a name, or one is malformed. */
export function createRegistry(definitions: readonly AnyJobDefinition[]): Registry {
  const types = new Map<string, RegisteredType>();
  for (const definition of definitions) {
    if (!TYPE_NAME.test(definition.type) || definition.type.length > 64) {
      throw invalidRequest(
        `The job type name "${definition.type}" is not valid: use up to 64 lower-case letters, digits and single dashes.`,
      );
    }
    if (types.has(definition.type))
      throw invalidRequest(`The job type "${definition.type}" is registered twice. Give one of them another name.`);
    types.set(definition.type, register(definition));
  }
  const names = [...types.keys()];
  return {
    names,
    claimable: [...types.values()].map(({ info }) => ({
      name: info.name,
      concurrency: info.concurrency.total,
      perKey: info.concurrency.perKey,
    })),
    get(type) {
      const found = types.get(type);
      if (!found) throw unknownJobType(type, names);
      return found;
    },
    infos: () => [...types.values()].map((type) => type.info),
  };
}

function register(definition: AnyJobDefinition): RegisteredType {
  const schema: StandardSchemaV1 = definition.input;
  const inputSchema = jsonSchemaOf(schema);
  const retry = resolveRetry(definition);
  return {
    info: {
      name: definition.type,
      title: definition.title ?? titleOf(definition.type),
      description: definition.description ?? "",
      input: inputSchema,
      canPause: true,
      canRollback: definition.rollback !== undefined,
      isolation: "inline",
      defaults: { queue: "default", maxAttempts: retry.attempts, timeoutMs: null },
      concurrency: { total: null, perKey: null },
    },
    retry,
    rollbackOnFailure: definition.onFailure === "rollback",
    cancelGraceMs: definition.cancelGraceMs ?? DEFAULT_CANCEL_GRACE_MS,
    fileFields: fileFieldsOf(inputSchema),
    run: definition.run,
    rollback: definition.rollback ?? null,
    async parse(input) {
      const validated = schema["~standard"].validate(input);
      const result = validated instanceof Promise ? await validated : validated;
      if (!result.issues) return result.value;
      throw invalidInput(definition.type, result.issues.map(toProblem));
    },
    exclusiveGroup: (parsed) => definition.exclusive?.(parsed) ?? null,
  };
}

function titleOf(type: string): string {
  const words = type.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function resolveRetry(definition: AnyJobDefinition): RetryPolicy {
  const attempts = definition.retry?.attempts ?? DEFAULT_RETRY.attempts;
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw invalidRequest(`The job type "${definition.type}" asks for ${attempts} attempts. Use a whole number from 1.`);
  }
  return { attempts, backoff: resolveBackoff(definition.retry?.backoff ?? "exponential") };
}

function resolveBackoff(backoff: "exponential" | "fixed" | BackoffPolicy): BackoffPolicy {
  return typeof backoff === "string" ? { ...DEFAULT_RETRY.backoff, kind: backoff } : backoff;
}

function toProblem(issue: StandardSchemaV1.Issue) {
  const pointer = (issue.path ?? [])
    .map((segment) => String(typeof segment === "object" ? segment.key : segment))
    .map((segment) => `/${segment.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
  return { pointer, message: issue.message };
}

/** The input as JSON Schema, where the schema library offers it by the Standard JSON Schema interface. */
function jsonSchemaOf(schema: StandardSchemaV1): Json {
  const standard: Partial<StandardJSONSchemaV1.Props> = schema["~standard"];
  if (!standard.jsonSchema) return null;
  return JSON.parse(JSON.stringify(standard.jsonSchema.input({ target: "draft-2020-12" })));
}

function fileFieldsOf(schema: Json): readonly string[] {
  if (schema === null || typeof schema !== "object" || !("properties" in schema)) return [];
  return Object.entries(schema.properties ?? {})
    .filter(
      ([, property]) =>
        property !== null && typeof property === "object" && "format" in property && property.format === FILE_ID_FORMAT,
    )
    .map(([name]) => name);
}
