// Sleeping without a worker: the attempt ends, and what it leaves is a job that is not claimed before its time and a step
// that says the sleep is over. Nothing of a sleep is written before the attempt's settlement.
import { Interruption, LONGEST_WAIT_MS } from "../domain/interruption.ts";
import type { Clock } from "../ports/clock.ts";
import type { Attempt } from "./attempt.ts";
import type { StepMemory } from "./step-memory.ts";
import { rememberedName } from "./steps.ts";

/** Ends the attempt that asked for the sleep, when its handler lets it pass. */
export class Asleep extends Interruption {
  readonly attempt: Attempt;
  /** The step to remember. */
  readonly step: string;
  /** On the monotonic clock. */
  readonly until: number;

  constructor(attempt: Attempt, step: string, until: number) {
    super("sleep");
    this.attempt = attempt;
    this.step = step;
    this.until = until;
  }
}

export interface SleepOptions {
  readonly attempt: Attempt;
  readonly memory: () => StepMemory;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

/** Below this, giving the worker back costs more than waiting. */
const SHORT_MS = 100;

/** Creates `job.sleep` for one attempt. */
export function createSleep({
  attempt,
  memory,
  clock,
  wait,
}: SleepOptions): (name: string, ms: number) => Promise<void> {
  /** Sleeps that this attempt has passed. */
  const passed = new Set<string>();

  return async (name, ms) => {
    const step = rememberedName("sleep", name);
    if (!(ms >= 0 && ms <= LONGEST_WAIT_MS)) {
      throw new RangeError(`job.sleep: ms is ${ms}; use a number from 0 to ${LONGEST_WAIT_MS}, a year.`);
    }
    refuseAgain(passed, step, name);
    const isOver = (await memory().find(step)) !== null;
    if (isOver) attempt.throwIfInterrupted();
    else if (ms >= SHORT_MS) throw endOf(attempt) ?? new Asleep(attempt, step, clock.monotonic() + ms);
    else {
      await wait(ms);
      await memory().save(step, null);
    }
    passed.add(step);
  };
}

/** A sleep is over for the rest of the run: a loop that relied on it would not pause at all. */
function refuseAgain(passed: ReadonlySet<string>, step: string, name: string): void {
  if (!passed.has(step)) return;
  throw new TypeError(
    `The sleep "${name}" is over. Give each sleep of a job a name of its own, or throw TryAgainLater to wait for something.`,
  );
}

/** A pause or a drain can hold together with the sleep; everything else ends the attempt instead. */
export function endOf({ interruption }: Attempt): Interruption | null {
  const cause = interruption?.cause;
  return cause === "pause" || cause === "drain" ? null : interruption;
}
