// An attempt along time: begin, run the handler, settle. The handler's every ending is an outcome, and settling is the
// only write that ends an attempt.
import { PawlError } from "../domain/errors.ts";
import { Interruption, PermanentError } from "../domain/interruption.ts";
import type { Json } from "../domain/job.ts";
import { backoffMs } from "../domain/retry.ts";
import { FenceLost } from "../ports/effects.ts";
import type { Settlement, SettleResult } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { type AttemptServices, type ContextParts, createJobContext } from "./create-job-context.ts";
import { persist } from "./persist.ts";

/** How the handler ended. */
export type Outcome =
  | { readonly kind: "succeed"; readonly output: Json }
  | { readonly kind: "halt"; readonly cause: string }
  | {
      readonly kind: "fail";
      readonly code: string;
      readonly message: string;
      readonly details: Json;
      readonly retryable: boolean;
    }
  /** Someone else holds the job now: there is nothing to write. */
  | { readonly kind: "lost" };

export interface RunServices extends AttemptServices {
  readonly settle: (settlement: Settlement) => Promise<SettleResult>;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** The manager has stopped: what could not be stored yet is left to the recovery. */
  readonly isStopped: () => boolean;
}

/** Characters of an output as JSON: what is larger belongs into an artifact. */
const OUTPUT_LIMIT = 1_048_576;
const MESSAGE_LIMIT = 8_192;

/** Runs an attempt to its end. Rejects only when the store does not take the settlement. */
export async function runAttempt(attempt: Attempt, services: RunServices): Promise<void> {
  const begun = await begin(attempt, services);
  const outcome = "outcome" in begun ? begun.outcome : await runHandler(attempt, begun.parts);
  const parts = "parts" in begun ? begun.parts : null;
  parts?.progress.stop();
  await services.logs.flush(attempt.record.id);
  if (outcome.kind !== "lost") await settle({ attempt, parts, outcome, services });
  await parts?.artifacts()?.close();
}

type Begun = { readonly parts: ContextParts } | { readonly outcome: Outcome };

/** The input is read again by the present schema: the program may have changed since the submit. */
async function begin(attempt: Attempt, services: RunServices): Promise<Begun> {
  try {
    const input = await attempt.type.parse(attempt.record.input);
    return { parts: createJobContext(attempt, input, services) };
  } catch (error) {
    return { outcome: toFailure(error, false) };
  }
}

async function runHandler(attempt: Attempt, parts: ContextParts): Promise<Outcome> {
  const { type, record } = attempt;
  try {
    attempt.throwIfInterrupted();
    if (record.phase === "rollback") {
      await type.rollback?.(parts.context);
      return { kind: "succeed", output: record.output };
    }
    const output = toOutput(await type.run(parts.context));
    await parts.artifacts()?.finish();
    return { kind: "succeed", output };
  } catch (error) {
    return toOutcome(attempt, error);
  }
}

function toOutcome(attempt: Attempt, error: unknown): Outcome {
  if (error instanceof FenceLost) return { kind: "lost" };
  const { interruption } = attempt;
  const stopped = error instanceof Interruption ? error : interruption;
  if (stopped?.cause === "lease_lost") return { kind: "lost" };
  if (stopped && (error === stopped || isAbort(error))) return { kind: "halt", cause: (interruption ?? stopped).cause };
  return toFailure(error, !(error instanceof PermanentError));
}

/** What calls that were given `job.signal` throw when it aborts. */
function isAbort(error: unknown): boolean {
  return error instanceof Interruption || (error instanceof Error && error.name === "AbortError");
}

function toFailure(error: unknown, retryable: boolean): Outcome {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_LIMIT);
  if (error instanceof PermanentError)
    return { kind: "fail", code: error.code, message, details: toJson(error.details), retryable };
  if (error instanceof PawlError)
    return { kind: "fail", code: error.code, message, details: toJson(error.extras.errors), retryable };
  return { kind: "fail", code: "error", message, details: null, retryable };
}

function toOutput(value: unknown): Json {
  const text = jsonText(value);
  if (text.length > OUTPUT_LIMIT) {
    throw new PermanentError(
      `The output is ${text.length} characters as JSON; the limit is ${OUTPUT_LIMIT}. Write it to an artifact.`,
      { code: "output_too_large" },
    );
  }
  return JSON.parse(text);
}

function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (cause) {
    throw new PermanentError("The handler's output cannot be written as JSON. Return plain data.", {
      code: "output_not_json",
      cause,
    });
  }
}

function toJson(value: unknown): Json {
  try {
    return JSON.parse(JSON.stringify(value) ?? "null");
  } catch {
    return null;
  }
}

interface Ending {
  readonly attempt: Attempt;
  readonly parts: ContextParts | null;
  readonly outcome: Exclude<Outcome, { kind: "lost" }>;
  readonly services: RunServices;
}

async function settle(ending: Ending): Promise<void> {
  const { clock, logger, isStopped } = ending.services;
  const settlement = await toSettlement(ending);
  // A refused settlement means that the lease was lost meanwhile: an ordinary outcome, and there is nothing more to do.
  await persist(() => ending.services.settle(settlement), { clock, logger, goOn: () => !isStopped() });
}

async function toSettlement({ attempt, parts, outcome, services }: Ending): Promise<Settlement> {
  const done = { ...attempt.lease, progress: parts?.progress.take() };
  switch (outcome.kind) {
    case "succeed":
      return { ...done, event: "succeed", output: outcome.output };
    case "halt":
      return { ...done, event: "halt", cause: outcome.cause, checkpoint: await parts?.checkpoints.last() };
    case "fail": {
      const { code, message, details, retryable } = outcome;
      const retryInMs = retryable
        ? backoffMs(attempt.type.retry.backoff, attempt.record.attempt, services.random())
        : null;
      return {
        ...done,
        event: "fail",
        failure: { code, message, details, retryInMs },
        checkpoint: await parts?.checkpoints.last(),
      };
    }
  }
}
