// An attempt along time: begin, run the handler, settle. The handler's every ending is an outcome, and settling is the
// only write that ends an attempt.
import { backoffMs } from "../domain/retry.ts";
import type { Settlement, SettleResult } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { type AttemptServices, type ContextParts, createJobContext } from "./create-job-context.ts";
import { failureOf, type Outcome, outcomeOfThrown, outputOf } from "./outcome.ts";
import { persist } from "./persist.ts";

export interface RunServices extends AttemptServices {
  readonly settle: (settlement: Settlement) => Promise<SettleResult>;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** The manager has stopped: what could not be stored yet is left to the recovery. */
  readonly isStopped: () => boolean;
}

/** Runs an attempt to its end. Rejects only when the manager stops before the store has taken that end. */
export async function runAttempt(attempt: Attempt, services: RunServices): Promise<void> {
  const begun = await begin(attempt, services);
  const outcome = "outcome" in begun ? begun.outcome : await runHandler(attempt, begun.parts);
  const parts = "parts" in begun ? begun.parts : null;
  parts?.progress.stop();
  await services.logs.flush(attempt.record.id);
  await settle({ attempt, parts, outcome, services });
  await parts?.artifacts()?.close();
}

type Begun = { readonly parts: ContextParts } | { readonly outcome: Outcome };

/** The input is read again by the present schema: the program may have changed since the submit. */
async function begin(attempt: Attempt, services: RunServices): Promise<Begun> {
  try {
    const input = await attempt.type.parse(attempt.record.input);
    return { parts: createJobContext(attempt, input, services) };
  } catch (error) {
    return { outcome: { ...failureOf(error), retryable: false } };
  }
}

async function runHandler(attempt: Attempt, parts: ContextParts): Promise<Outcome> {
  const { type, record } = attempt;
  try {
    attempt.throwIfInterrupted();
    const output = record.phase === "rollback" ? await undo(attempt, parts) : outputOf(await type.run(parts.context));
    await parts.artifacts()?.finish();
    return { kind: "succeed", output };
  } catch (error) {
    return outcomeOfThrown(error, attempt.interruption);
  }
}

async function undo({ type, record }: Attempt, parts: ContextParts) {
  await type.rollback?.(parts.context);
  return record.output;
}

interface Ending {
  readonly attempt: Attempt;
  readonly parts: ContextParts | null;
  readonly outcome: Outcome;
  readonly services: RunServices;
}

/**
 * Writes the end. It is always safe to try: the store refuses it when the lease was lost, and then there is nothing more
 * to do. An end that cannot be written as it is becomes a plain failure, because a job without an end would stay for ever.
 */
async function settle(ending: Ending): Promise<void> {
  const { clock, logger, isStopped } = ending.services;
  const write = async (settlement: Settlement) => {
    await persist(() => ending.services.settle(settlement), { clock, logger, goOn: () => !isStopped() });
  };
  try {
    await write(await settlementOf(ending));
  } catch (error) {
    if (isStopped()) throw error;
    logger.error({ err: error, job: ending.attempt.record.id }, "An attempt's end could not be written as it was.");
    await write(failed(ending, failureOf(error)));
  }
}

async function settlementOf(ending: Ending): Promise<Settlement> {
  const { attempt, parts, outcome } = ending;
  const progress = parts?.progress.take();
  switch (outcome.kind) {
    case "succeed":
      return { ...attempt.lease, progress, event: "succeed", output: outcome.output };
    case "halt":
      return {
        ...attempt.lease,
        progress,
        event: "halt",
        cause: outcome.cause,
        checkpoint: await lastCheckpoint(ending),
      };
    case "fail":
      return { ...failed(ending, outcome), progress, checkpoint: await lastCheckpoint(ending) };
  }
}

/** Files may not be writable any more; then the job goes on at the checkpoint before. */
async function lastCheckpoint({ attempt, parts, services }: Ending): Promise<Settlement["checkpoint"]> {
  try {
    return await parts?.checkpoints.last();
  } catch (error) {
    services.logger.warn({ err: error, job: attempt.record.id }, "The last checkpoint could not be made.");
    return undefined;
  }
}

function failed({ attempt, services }: Ending, failure: ReturnType<typeof failureOf>): Settlement {
  const { code, message, details, retryable } = failure;
  const { backoff } = attempt.type.retry;
  const retryInMs = retryable ? backoffMs(backoff, attempt.record.attempt, services.random()) : null;
  return { ...attempt.lease, event: "fail", failure: { code, message, details, retryInMs } };
}
