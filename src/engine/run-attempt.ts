// An attempt along time: begin, run the handler, settle. The handler's every ending is an outcome, and settling is the
// only write that ends an attempt.
import type { Json } from "../domain/job.ts";
import type { Logger } from "../ports/logger.ts";
import type { Settlement, SettleResult } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { type ContextParts, createJobContext } from "./create-job-context.ts";
import { failureOf, type Outcome, outcomeOfThrown, outputOf, stackOf, UNFORESEEN } from "./outcome.ts";
import { persist } from "./persist.ts";
import { failed, type SettlementServices, settlementOf } from "./settlement.ts";
import { undoJournal } from "./undo.ts";

export interface RunServices extends SettlementServices {
  readonly settle: (settlement: Settlement) => Promise<SettleResult>;
  /** The manager has stopped: what could not be stored yet is left to the recovery. */
  readonly isStopped: () => boolean;
}

const STACK_LIMIT = 8_192;

/** Runs an attempt to its end. Rejects only when the manager stops before the store has taken that end. */
export async function runAttempt(attempt: Attempt, services: RunServices): Promise<void> {
  const begun = await begin(attempt, services);
  const outcome = "outcome" in begun ? begun.outcome : await runHandler(attempt, begun.parts, services);
  const parts = "parts" in begun ? begun.parts : null;
  parts?.progress.stop();
  await settle(attempt, services, () => settlementOf({ attempt, parts, outcome, services }));
  await parts?.artifacts()?.close();
}

type Begun = { readonly parts: ContextParts } | { readonly outcome: Outcome };

/** The input is read again by the present schema: the program may have changed since the submit. */
async function begin(attempt: Attempt, services: RunServices): Promise<Begun> {
  try {
    const input = await attempt.type.parse(attempt.record.input);
    return { parts: createJobContext(attempt, input, services) };
  } catch (error) {
    const failure = failureOf(error);
    logUnforeseen({ attempt, outcome: failure, error }, services.logger);
    return { outcome: { ...failure, retryable: false } };
  }
}

async function runHandler(attempt: Attempt, parts: ContextParts, services: RunServices): Promise<Outcome> {
  try {
    attempt.throwIfInterrupted();
    const output = await callHandler(attempt, parts, services);
    await parts.artifacts()?.finish();
    return { kind: "succeed", output };
  } catch (error) {
    const outcome = outcomeOfThrown(error, attempt, services.clock.monotonic());
    logUnforeseen({ attempt, outcome, error }, services.logger);
    return outcome;
  }
}

interface Thrown {
  readonly attempt: Attempt;
  readonly outcome: Outcome;
  readonly error: unknown;
}

/** The job keeps the message alone, which seldom says where an error that nobody foresaw comes from. */
function logUnforeseen({ attempt, outcome, error }: Thrown, logger: Logger): void {
  if (outcome.kind !== "fail" || outcome.code !== UNFORESEEN) return;
  const { record, scrubber } = attempt;
  const err = scrubber.text(stackOf(error)).slice(0, STACK_LIMIT);
  logger.warn({ job: record.id, type: record.type, attempt: record.attempt, err }, "An attempt failed.");
}

async function callHandler(attempt: Attempt, parts: ContextParts, services: RunServices): Promise<Json> {
  try {
    if (attempt.record.phase === "forward") return outputOf(await attempt.type.run(parts.context));
    await rollBack(attempt, parts, services);
    return attempt.record.output;
  } finally {
    await parts.calls.end();
  }
}

async function rollBack(attempt: Attempt, parts: ContextParts, services: RunServices): Promise<void> {
  const { undo, rollback } = attempt.type;
  if (undo) await undoJournal({ attempt, ...parts, ...services, undo: (entry) => undo(parts.context, entry) });
  await rollback?.(parts.context);
}

/**
 * Writes the end. It is always safe to try: the store refuses it when the lease was lost, and then there is nothing more
 * to do. An end that cannot be written as it is becomes a plain failure, because a job without an end would stay for ever.
 */
export async function settle(
  attempt: Attempt,
  services: RunServices,
  settlement: () => Promise<Settlement>,
): Promise<void> {
  const { clock, logger, isStopped } = services;
  const write = async (end: Settlement) => {
    // After the settlement, no line of this attempt would be taken any more.
    await services.logs.flush(attempt.record.id);
    await persist(() => services.settle(end), { clock, logger, goOn: () => !isStopped() });
  };
  try {
    await write(await settlement());
  } catch (error) {
    if (isStopped()) throw error;
    logger.error({ err: error, job: attempt.record.id }, "An attempt's end could not be written as it was.");
    await write(failed({ attempt, services }, failureOf(error)));
  }
}
