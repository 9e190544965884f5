// Turns an author's definition into what the engine works with: every default filled in, every option checked, so that a
// mistake shows when the process starts and not at the first job.
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { invalidInput, invalidRequest } from "../domain/errors.ts";
import type { Json } from "../domain/job.ts";
import type { JobTypeInfo } from "../domain/job-control.ts";
import { LIMITS } from "../domain/limits.ts";
import { type BackoffFunction, type BackoffPolicy, DEFAULT_RETRY, type RetryPolicy } from "../domain/retry.ts";
import { createScrubber, secretTexts } from "../domain/secrets.ts";
import type { Isolation } from "../ports/isolation.ts";
import type { JobDefinition, StallOptions } from "./define-job.ts";
import { fileFieldsOf, jsonSchemaOf, markSecret } from "./input-schema.ts";
import type { JobContext } from "./job-context.ts";

/** A definition with its defaults filled in, and its input's type forgotten. */
export interface RegisteredType {
  readonly info: JobTypeInfo;
  readonly retry: RetryPolicy;
  readonly rollbackOnFailure: boolean;
  readonly cancelGraceMs: number;
  /** `null`: attempts run in this process. */
  readonly isolation: Isolation | null;
  /** `null`: any time. A job may say otherwise. */
  readonly timeoutMs: number | null;
  readonly stall: Required<StallOptions> | null;
  /** Names of the input's fields that hold the id of a stored file. */
  readonly fileFields: readonly string[];
  /** Paths of the input's secrets. */
  readonly secretFields: readonly string[];
  readonly run: (job: JobContext) => Promise<unknown>;
  readonly undo: ((job: JobContext, entry: Json) => Promise<void>) | null;
  readonly rollback: ((job: JobContext) => Promise<void>) | null;
  /** Rejects with `invalid_input`, else answers what the handler gets. */
  parse(input: Json): Promise<unknown>;
  exclusiveGroup(parsed: unknown): string | null;
  /** Throws `invalid_input` when the key is none that can be stored. */
  concurrencyKey(parsed: unknown): string | null;
}

/** Any definition, whatever its input: what `createManager` takes. */
// biome-ignore lint/suspicious/noExplicitAny: a handler's parameter is contravariant, so no other type accepts every definition
export type AnyJobDefinition = JobDefinition<any, any>;

const DEFAULT_CANCEL_GRACE_MS = 10_000;
const SHORTEST_STALL_MS = 1_000;
const STALL_POLICIES: readonly string[] = ["retry", "stop", "show"] satisfies readonly StallOptions["policy"][];
const TYPE_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Throws `invalid_request` when the definition is malformed. */
export function registerType(definition: AnyJobDefinition): RegisteredType {
  checkDefinition(definition);
  const schema: StandardSchemaV1 = definition.input;
  const inputSchema = jsonSchemaOf(schema);
  const secretFields = definition.secret ?? [];
  const { undo, rollback, stall } = definition;
  return {
    info: infoOf(definition, hideInForms(definition.type, inputSchema, secretFields)),
    retry: resolveRetry(definition),
    rollbackOnFailure: definition.onFailure === "rollback",
    cancelGraceMs: definition.cancelGraceMs ?? DEFAULT_CANCEL_GRACE_MS,
    isolation: definition.isolation ?? null,
    timeoutMs: definition.timeoutMs ?? null,
    stall: stall ? { policy: "retry", ...stall } : null,
    fileFields: fileFieldsOf(inputSchema),
    secretFields,
    run: definition.run,
    undo: undo ? (job, entry) => undo.call(definition, job, entry) : null,
    rollback: rollback ?? null,
    parse: (input) => parse(definition, input),
    exclusiveGroup: (parsed) => keyOf(definition, "an exclusive group", () => definition.exclusive?.(parsed) ?? null),
    concurrencyKey: (parsed) =>
      keyOf(definition, "a concurrency key", () => definition.concurrency?.perKey?.key(parsed) ?? null),
  };
}

function infoOf(definition: AnyJobDefinition, input: Json): JobTypeInfo {
  const { total = null, perKey = null } = definition.concurrency ?? {};
  return {
    name: definition.type,
    title: definition.title ?? titleOf(definition.type),
    description: definition.description ?? "",
    input,
    canPause: true,
    canRollback: definition.rollback !== undefined || definition.undo !== undefined,
    isolation: definition.isolation ? "process" : "inline",
    defaults: {
      queue: "default",
      maxAttempts: definition.retry?.attempts ?? DEFAULT_RETRY.attempts,
      timeoutMs: definition.timeoutMs ?? null,
    },
    concurrency: { total, perKey: perKey?.limit ?? null },
  };
}

function titleOf(type: string): string {
  const words = type.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

function checkDefinition({ type, retry, concurrency, stall, secret, ...definition }: AnyJobDefinition): void {
  if (!TYPE_NAME.test(type) || type.length > 64) {
    throw invalidRequest(
      `The job type name "${type}" is not valid: use up to 64 lower-case letters, digits and single dashes.`,
    );
  }
  const check = (name: string, value: unknown, { min, max }: Bounds) => {
    if (value === undefined || (Number.isInteger(value) && Number(value) >= min && Number(value) <= max)) return;
    throw invalidRequest(`The job type "${type}" sets ${name} to ${value}. Use a whole number from ${min} to ${max}.`);
  };
  check("retry.attempts", retry?.attempts, { min: 1, max: LIMITS.maxAttempts });
  check("concurrency.total", concurrency?.total, { min: 1, max: LIMITS.concurrency });
  check("concurrency.perKey.limit", concurrency?.perKey?.limit, { min: 1, max: LIMITS.concurrency });
  check("timeoutMs", definition.timeoutMs, { min: 1, max: LIMITS.timeoutMs });
  check("cancelGraceMs", definition.cancelGraceMs, { min: 0, max: LIMITS.timeoutMs });
  check("stall.afterMs", stall?.afterMs, { min: SHORTEST_STALL_MS, max: LIMITS.timeoutMs });
  if (stall && !STALL_POLICIES.includes(stall.policy ?? "retry")) {
    throw invalidRequest(
      `The job type "${type}" sets stall.policy to ${stall.policy}. Use one of ${STALL_POLICIES.join(", ")}.`,
    );
  }
  if (definition.onFailure === "rollback" && !definition.undo && !definition.rollback) {
    throw invalidRequest(
      `The job type "${type}" says onFailure "rollback" but has neither undo nor rollback. Add one, or leave onFailure out.`,
    );
  }
  if (typeof retry?.backoff === "object") checkBackoff(type, retry.backoff);
  if (definition.isolation !== undefined && typeof definition.isolation?.start !== "function") {
    throw invalidRequest(
      `The job type "${type}" has an isolation that is not valid. Use ownProcess(import.meta.url) of "pawl/isolation".`,
    );
  }
  for (const field of secret ?? []) checkSecret(type, field);
}

function checkBackoff(type: string, { kind, baseMs, maxMs }: BackoffPolicy): void {
  const kinds: readonly string[] = ["fixed", "exponential"] satisfies readonly BackoffPolicy["kind"][];
  const isGood = kinds.includes(kind) && baseMs >= 0 && maxMs >= baseMs && maxMs <= LIMITS.timeoutMs;
  if (isGood) return;
  throw invalidRequest(
    `The job type "${type}" has a backoff that is not valid: kind is fixed or exponential, ` +
      `and 0 <= baseMs <= maxMs <= ${LIMITS.timeoutMs}.`,
  );
}

function checkSecret(type: string, field: unknown): void {
  if (typeof field === "string" && field.split(".").every((name) => name !== "")) return;
  throw invalidRequest(
    `The job type "${type}" names the secret field "${field}". Use the names on the way to it with dots between: "auth.token".`,
  );
}

/** A misspelt secret would be shown to everybody: where the schema can tell, it is refused. */
function hideInForms(type: string, schema: Json, secretFields: readonly string[]): Json {
  if (schema === null) return null;
  return secretFields.reduce((marked, field) => {
    const next = markSecret(marked, field.split("."));
    if (next !== null) return next;
    throw invalidRequest(
      `The job type "${type}" names the secret field "${field}", and its input has no such field. Members of arrays cannot be named: name the array.`,
    );
  }, schema);
}

function resolveRetry({ retry }: AnyJobDefinition): RetryPolicy {
  return {
    attempts: retry?.attempts ?? DEFAULT_RETRY.attempts,
    backoff: resolveBackoff(retry?.backoff ?? "exponential"),
  };
}

function resolveBackoff(
  backoff: "exponential" | "fixed" | BackoffPolicy | BackoffFunction,
): BackoffPolicy | BackoffFunction {
  return typeof backoff === "string" ? { ...DEFAULT_RETRY.backoff, kind: backoff } : backoff;
}

async function parse({ type, input: schema, secret = [] }: AnyJobDefinition, input: Json): Promise<unknown> {
  const result = await validate(schema, input, secret);
  if (!result.issues) return result.value;
  // A message may quote the value that it complains of.
  const scrubber = createScrubber(secretTexts(input, secret));
  throw invalidInput(
    type,
    result.issues.map((issue) => ({ pointer: pointerOf(issue), message: scrubber.text(issue.message) })),
  );
}

/** A validator that throws has a mistake; what it says may quote the value, too. */
async function validate(schema: StandardSchemaV1, input: Json, secret: readonly string[]) {
  try {
    return await schema["~standard"].validate(input);
  } catch (error) {
    if (secret.length === 0) throw error;
    throw new TypeError(createScrubber(secretTexts(input, secret)).text(String(error)));
  }
}

function pointerOf(issue: StandardSchemaV1.Issue): string {
  return (issue.path ?? [])
    .map((segment) => String(typeof segment === "object" ? segment.key : segment))
    .map((segment) => `/${segment.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** What the author's function makes of an input. What it throws is not told on: it may quote a secret. */
function keyOf({ type }: AnyJobDefinition, what: string, read: () => unknown): string | null {
  const refuse = (why: string) => invalidInput(type, [{ pointer: "", message: why }]);
  let key: unknown;
  try {
    key = read();
  } catch {
    throw refuse(`cannot be given ${what}: the function of the job type that makes it has failed`);
  }
  if (key === null) return null;
  if (typeof key === "string" && key !== "" && key.length <= LIMITS.concurrencyKeyLength) return key;
  throw refuse(`gives ${what} that is no text of 1 to ${LIMITS.concurrencyKeyLength} characters`);
}
