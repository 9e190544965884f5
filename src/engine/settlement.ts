// What is written of an attempt's end: its outcome without the job's secrets, the last checkpoint, and when the job runs again.
import type { Settlement } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { retryWait } from "./backoff.ts";
import type { AttemptServices, ContextParts } from "./create-job-context.ts";
import type { Failure, Halt, Outcome } from "./outcome.ts";

export interface Ending {
  readonly attempt: Attempt;
  /** `null`: the handler was not called. */
  readonly parts: ContextParts | null;
  readonly outcome: Outcome;
  readonly services: SettlementServices;
}

export interface SettlementServices extends AttemptServices {
  /** A number in [0, 1). */
  readonly random: () => number;
}

const MESSAGE_LIMIT = 8_192;

export async function settlementOf(ending: Ending): Promise<Settlement> {
  const { attempt, parts, outcome } = ending;
  const progress = parts?.progress.take();
  switch (outcome.kind) {
    case "succeed":
      return { ...attempt.lease, progress, event: "succeed", output: attempt.scrubber.json(outcome.output) };
    case "halt":
      return { ...halted(ending, outcome), progress, checkpoint: await lastCheckpoint(ending) };
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

function halted({ attempt, services }: Ending, { cause, wait }: Halt): Settlement {
  const halt = { ...attempt.lease, event: "halt", cause } as const;
  if (!wait) return halt;
  const availableInMs = Math.max(0, Math.ceil(wait.until - services.clock.monotonic()));
  return { ...halt, availableInMs, step: wait.step };
}

/** The settlement of a failure, as it can be written whatever else cannot. */
export function failed({ attempt, services }: Pick<Ending, "attempt" | "services">, failure: Failure): Settlement {
  const { scrubber, lease, record, type } = attempt;
  const told = {
    code: scrubber.text(failure.code),
    message: scrubber.text(failure.message).slice(0, MESSAGE_LIMIT),
  };
  let retryInMs: number | null = null;
  if (failure.retryable) {
    const { ms, problem } = retryWait(type.retry.backoff, { ...told, attempt: record.attempt }, services.random());
    retryInMs = ms;
    if (problem) {
      const log = services.logs.of(lease, scrubber);
      log.warn(`The type's own backoff could not be used: ${problem}. The default backoff was used.`);
    }
  }
  return { ...lease, event: "fail", failure: { ...told, details: scrubber.json(failure.details), retryInMs } };
}
