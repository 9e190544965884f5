// The machine's own clock: the only file that touches the wall clock and timers. Everything else asks for a `Clock`,
// so that tests own time.
import type { Clock } from "../ports/clock.ts";

/** Node fires a timer at once when its delay does not fit into 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock that everything runs on outside of tests. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const wait = (remainingMs: number) => {
      const next = Math.min(remainingMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (remainingMs > next ? wait(remainingMs - next) : callback()), next);
      timer.unref();
    };
    wait(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
