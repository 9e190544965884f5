// How a handler ended, whatever it returned or threw: nothing that a handler does may leave its attempt without an end.
import { PawlError } from "../domain/errors.ts";
import { Interruption, PermanentError } from "../domain/interruption.ts";
import type { Json } from "../domain/job.ts";
import { FenceLost } from "../ports/effects.ts";

export type Outcome =
  | { readonly kind: "succeed"; readonly output: Json }
  | { readonly kind: "halt"; readonly cause: string }
  | Failure;

export interface Failure {
  readonly kind: "fail";
  readonly code: string;
  readonly message: string;
  readonly details: Json;
  /** Another attempt may mend it. */
  readonly retryable: boolean;
}

/** Characters of an output as JSON: what is larger belongs into an artifact. */
const OUTPUT_LIMIT = 1_048_576;
const MESSAGE_LIMIT = 8_192;

/**
 * The outcome of what a handler threw. An attempt that was asked to stop and threw for that reason has halted; everything
 * else is a failure, an `Interruption` that nobody asked for included.
 */
export function outcomeOfThrown(error: unknown, interruption: Interruption | null): Outcome {
  if (interruption && isAbort(error)) return { kind: "halt", cause: interruption.cause };
  return failureOf(error);
}

/** What calls that were given `job.signal` throw when it aborts. */
function isAbort(error: unknown): boolean {
  return error instanceof Interruption || (error instanceof Error && error.name === "AbortError");
}

export function failureOf(error: unknown): Failure {
  const message = messageOf(error).slice(0, MESSAGE_LIMIT);
  if (error instanceof PermanentError) {
    return { kind: "fail", code: error.code, message, details: jsonOf(error.details), retryable: false };
  }
  if (error instanceof PawlError) {
    return { kind: "fail", code: error.code, message, details: jsonOf(error.extras.errors), retryable: true };
  }
  const code = error instanceof FenceLost ? "fenced" : "error";
  return { kind: "fail", code, message, details: null, retryable: true };
}

/** Anything can be thrown, and reading it may throw again. */
function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "The handler threw something that has no readable message.";
  }
}

function jsonOf(value: unknown): Json {
  try {
    return JSON.parse(JSON.stringify(value) ?? "null");
  } catch {
    return null;
  }
}

/** What a handler returned, as JSON. Throws a `PermanentError` when it is none, or too large. */
export function outputOf(value: unknown): Json {
  const text = outputText(value);
  if (text.length <= OUTPUT_LIMIT) return JSON.parse(text);
  throw new PermanentError(
    `The output is ${text.length} characters as JSON; the limit is ${OUTPUT_LIMIT}. Write it to an artifact.`,
    { code: "output_too_large" },
  );
}

function outputText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (cause) {
    throw new PermanentError("The handler's output cannot be written as JSON. Return plain data.", {
      code: "output_not_json",
      cause,
    });
  }
}
