// How a handler ended, whatever it returned or threw: nothing that a handler does may leave its attempt without an end.
import { PawlError } from "../domain/errors.ts";
import { Interruption, type InterruptionCause, PermanentError, TryAgainLater } from "../domain/interruption.ts";
import type { Json } from "../domain/job.ts";
import { FenceLost } from "../ports/effects.ts";
import type { Step } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { Asleep, endOf } from "./sleep.ts";

export type Outcome = { readonly kind: "succeed"; readonly output: Json } | Halt | Failure;

/** The attempt has stopped where the job can go on. */
export interface Halt {
  readonly kind: "halt";
  readonly cause: InterruptionCause | "try_again_later";
  /** The job is to wait until then, on the monotonic clock, and to remember a step. */
  readonly wait?: { readonly until: number; readonly step?: Step };
}

export interface Failure {
  readonly kind: "fail";
  readonly code: string;
  readonly message: string;
  readonly details: Json;
  /** Another attempt may mend it. */
  readonly retryable: boolean;
}

/** The code of what is neither Pawl's error nor the handler's own statement. */
export const UNFORESEEN = "error";

/** Characters of an output as JSON: what is larger belongs into an artifact. */
const OUTPUT_LIMIT = 1_048_576;

/** A handler that puts itself off without a pause would be claimed again and again. */
const SHORTEST_WAIT_MS = 100;

/**
 * The outcome of what a handler threw, at `now` on the monotonic clock. An attempt that was asked to stop and threw for that
 * reason has halted, or failed where it was out of time; so has one that wants to wait. Everything else is a failure, an
 * `Interruption` that nobody asked for included.
 */
export function outcomeOfThrown(error: unknown, attempt: Attempt, now: number): Outcome {
  const wait = waitOf(error, attempt, now);
  if (wait && endOf(attempt) === null) return wait;
  if (attempt.interruption && (wait || isAbort(error))) return outcomeOfStop(attempt, attempt.interruption.cause);
  return failureOf(error);
}

/** The wait that the handler asks for, `null` when it asks for none. */
function waitOf(error: unknown, attempt: Attempt, now: number): Halt | null {
  if (error instanceof Asleep && error.attempt === attempt) {
    const step = { name: error.step, result: null };
    return { kind: "halt", cause: "sleep", wait: { until: error.until, step } };
  }
  if (!(error instanceof TryAgainLater)) return null;
  return { kind: "halt", cause: "try_again_later", wait: { until: now + Math.max(SHORTEST_WAIT_MS, error.afterMs) } };
}

/** The outcome of an attempt that was stopped for `cause`. */
export function outcomeOfStop({ type, timeoutMs }: Attempt, cause: InterruptionCause): Outcome {
  const failure = { kind: "fail", details: null } as const;
  switch (cause) {
    case "timeout":
      return {
        ...failure,
        code: cause,
        message: `The attempt took longer than ${timeoutMs} ms, its time-out.`,
        retryable: true,
      };
    case "stalled":
      return {
        ...failure,
        code: cause,
        message: `The attempt committed no checkpoint, step or journal entry for ${type.stall?.afterMs} ms.`,
        retryable: type.stall?.policy !== "stop",
      };
    case "drain":
    case "pause":
    case "cancel":
    case "terminate":
    case "lease_lost":
    case "sleep":
      return { kind: "halt", cause };
  }
}

/** What calls that were given `job.signal` throw when it aborts. */
function isAbort(error: unknown): boolean {
  return error instanceof Interruption || (error instanceof Error && error.name === "AbortError");
}

export function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  if (error instanceof PermanentError) {
    return { kind: "fail", code: error.code, message, details: jsonOf(error.details), retryable: false };
  }
  if (error instanceof PawlError) {
    return { kind: "fail", code: error.code, message, details: jsonOf(error.extras.errors), retryable: true };
  }
  const code = error instanceof FenceLost ? "fenced" : UNFORESEEN;
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

/** Where an error was thrown, or what it says when it does not tell. */
export function stackOf(error: unknown): string {
  try {
    return String((error instanceof Error && error.stack) || messageOf(error));
  } catch {
    return messageOf(error);
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
