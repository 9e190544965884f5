// An attempt that runs apart, along time: start it, pass requests on to it, end it by force when its grace is over, settle.
// Nothing is settled before nothing of it runs any more, so that a state that says "stopped" is true.
import type { StopCause } from "../domain/interruption.ts";
import type { IsolatedEnd, Isolation } from "../ports/isolation.ts";
import type { Settlement } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { createIsolatedCalls, type IsolatedServices } from "./isolated-calls.ts";
import type { JobLog } from "./job-context.ts";
import { type Outcome, outcomeOfStop } from "./outcome.ts";
import { settle } from "./run-attempt.ts";
import { settlementOf } from "./settlement.ts";

export interface IsolatedRun {
  /** Rejects only when the manager stops before the store has taken the attempt's end. */
  readonly settled: Promise<void>;
  kill(): void;
}

export function runIsolated(attempt: Attempt, isolation: Isolation, services: IsolatedServices): IsolatedRun {
  const { clock, logs } = services;
  const { calls, close } = createIsolatedCalls(attempt, services);
  const log = logs.of(attempt.lease, attempt.scrubber);
  const apart = isolation.start({
    record: attempt.record,
    workerId: attempt.lease.workerId,
    calls,
    clock,
    onLine: (stream, line) => logLine(log, stream, line),
  });

  let cancelTimer = () => {};
  /** The grace of the strongest request counts. */
  const forget = attempt.onInterrupt(() => {
    const cause = attempt.interruption?.cause;
    if (!cause || cause === "sleep") return;
    apart.interrupt(cause);
    cancelTimer();
    const graceMs = graceOf(attempt, cause, isolation.pauseGraceMs);
    if (graceMs === 0) apart.kill();
    else if (graceMs !== null) cancelTimer = clock.after(graceMs, apart.kill);
  });

  const finish = async () => {
    const end = await apart.ended;
    forget();
    cancelTimer();
    await close().catch((error) =>
      services.logger.warn({ err: error, job: attempt.record.id }, "A file of an attempt could not be closed."),
    );
    await settle(attempt, services, () => settlementOfEnd(attempt, end, services));
  };
  return { settled: finish(), kill: apart.kill };
}

/** In ms; `null`: whoever asked ends it. */
function graceOf({ type }: Attempt, cause: StopCause, pauseGraceMs: number): number | null {
  switch (cause) {
    case "drain":
      return null;
    case "pause":
      return pauseGraceMs;
    case "timeout":
    case "stalled":
    case "cancel":
      return type.cancelGraceMs;
    case "terminate":
    case "lease_lost":
      return 0;
  }
}

/** What is missing in it, because the attempt was cut off, stands as the last checkpoint left it. */
async function settlementOfEnd(attempt: Attempt, end: IsolatedEnd, services: IsolatedServices): Promise<Settlement> {
  if (end.kind === "ended") return end.settlement;
  return settlementOf({ attempt, parts: null, outcome: outcomeOf(attempt, end), services });
}

function outcomeOf(attempt: Attempt, end: Exclude<IsolatedEnd, { kind: "ended" }>): Outcome {
  if (end.kind === "died") return { ...end, kind: "fail", details: null };
  return outcomeOfStop(attempt, attempt.interruption?.cause ?? "drain");
}

function logLine(log: JobLog, stream: "stdout" | "stderr", line: string): void {
  if (stream === "stdout") log.info(line);
  else log.warn(line);
}
