// An attempt's progress: counted by loops or set by the handler, measured here, committed with checkpoints.
// Between checkpoints it is shown as reported, at most four times a second, and not promised.
import { findNonJson } from "../domain/json.ts";
import { createRateMeter, type Progress } from "../domain/progress.ts";
import type { Scrubber } from "../domain/secrets.ts";
import type { Clock } from "../ports/clock.ts";
import type { ProgressReporter } from "./job-context.ts";

export interface AttemptProgress {
  /** What the handler gets. */
  readonly reporter: ProgressReporter;
  /** Counts items that are done; they are committed with the checkpoint that follows. */
  advance(count: number): void;
  /** The progress with its rate as of now: what a checkpoint commits. */
  take(): Progress;
  /** Ends the reports. */
  stop(): void;
}

const REPORT_EVERY_MS = 250;

export interface ProgressOptions {
  readonly initial: Progress;
  readonly clock: Clock;
  /** Of the job's secrets. */
  readonly scrubber: () => Scrubber;
  /** Shows progress between checkpoints. Never rejects. */
  readonly report: (progress: Progress) => void;
}

export function createAttemptProgress({ initial, clock, scrubber, report }: ProgressOptions): AttemptProgress {
  let current: Progress = { ...initial, ratePerSecond: null };
  let cancelTimer: (() => void) | null = null;
  let lastShownAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  const meter = createRateMeter();
  meter.sample(current.done, clock.monotonic());

  const take = () => {
    const at = clock.monotonic();
    current = { ...current, ratePerSecond: meter.sample(current.done, at) };
    lastShownAt = at;
    return current;
  };
  const show = () => {
    cancelTimer = null;
    if (!stopped) report(take());
  };
  const scheduleReport = () => {
    if (cancelTimer || stopped) return;
    const waitMs = lastShownAt + REPORT_EVERY_MS - clock.monotonic();
    cancelTimer = clock.after(Math.max(0, waitMs), show);
  };

  return {
    reporter: {
      get done() {
        return current.done;
      },
      get total() {
        return current.total;
      },
      set(change) {
        const wrong = findNonJson(change);
        if (wrong) throw new TypeError(`progress.set${wrong.pointer}: ${wrong.message}.`);
        current = { ...current, ...change };
        if (change.message) current = { ...current, message: scrubber().text(change.message) };
        if (change.unit) current = { ...current, unit: scrubber().text(change.unit) };
        scheduleReport();
      },
    },
    advance(count) {
      current = { ...current, done: current.done + count };
    },
    take,
    stop() {
      stopped = true;
      cancelTimer?.();
      cancelTimer = null;
    },
  };
}
