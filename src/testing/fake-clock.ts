// A clock that stands still until a test moves it. Timers fire in order, at the moment they were set for.
import type { Clock } from "../ports/clock.ts";

export interface FakeClock extends Clock {
  /** Lets time pass, wall and monotonic, and calls the timers that come due. */
  advance(ms: number): void;
  /** Sets the wall clock, as an administrator would: durations and timers do not notice. */
  setNow(epochMs: number): void;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * Creates a clock that begins at `startAt` (epoch ms).
 *
 * @example
 * const clock = createFakeClock(Date.parse("2026-01-01T00:00:00Z"));
 * clock.after(1_000, () => console.log("one second"));
 * clock.advance(1_000);
 */
export function createFakeClock(startAt: number): FakeClock {
  let now = startAt;
  let elapsed = 0;
  const timers = new Set<Timer>();

  function nextDue(until: number): Timer | null {
    const due = [...timers].filter((timer) => timer.at <= until);
    return due.reduce<Timer | null>((first, timer) => (first === null || timer.at < first.at ? timer : first), null);
  }

  function moveTo(moment: number): void {
    now += moment - elapsed;
    elapsed = moment;
  }

  return {
    now: () => now,
    monotonic: () => elapsed,
    after(delayMs, callback) {
      const timer = { at: elapsed + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const until = elapsed + ms;
      for (let timer = nextDue(until); timer !== null; timer = nextDue(until)) {
        timers.delete(timer);
        moveTo(timer.at);
        timer.callback();
      }
      moveTo(until);
    },
    setNow(epochMs) {
      now = epochMs;
    },
  };
}
