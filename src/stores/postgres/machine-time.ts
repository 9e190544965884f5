// The machine's monotonic clock, in ms: the same in all threads of a process. No `Clock` can be handed to a thread, and what
// two threads measure has to be compared.
import { setTimeout } from "node:timers";
import type { Clock } from "../../ports/clock.ts";

const NS_PER_MS = 1e6;

export const machineMs = (): number => Number(process.hrtime.bigint()) / NS_PER_MS;

/** What a thread goes by. */
export const threadClock: Pick<Clock, "monotonic" | "after"> = {
  monotonic: machineMs,
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
