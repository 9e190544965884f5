// The rates of an attempt's loops. A loop that runs again for each item of the loop around it has one rate over all of
// them, not one for each.

export interface ThrottleServices {
  readonly monotonic: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** Waits until `count` more items may begin. */
export type Throttle = (count: number) => Promise<void> | undefined;

export interface Throttles {
  /** The throttle of the loops at this path. Throws a `RangeError` when the rate is none. */
  at(path: string, ratePerSecond: number | undefined): Throttle;
}

/** A loop that was held up may catch up with this much of its rate. */
const CATCH_UP_MS = 1_000;

/** Spreads items evenly: item n of this attempt starts no sooner than n / rate after the first. */
export function createThrottles({ monotonic, wait }: ThrottleServices): Throttles {
  const readyAt = new Map<string, number>();
  return {
    at(path, ratePerSecond) {
      if (ratePerSecond === undefined) return () => undefined;
      if (!(ratePerSecond > 0))
        throw new RangeError(`iterate: ratePerSecond is ${ratePerSecond}; use a number above 0.`);
      return async (count) => {
        const ready = readyAt.get(path) ?? monotonic();
        const waitMs = ready - monotonic();
        if (waitMs > 0) await wait(waitMs);
        readyAt.set(path, Math.max(ready, monotonic() - CATCH_UP_MS) + (count * 1_000) / ratePerSecond);
      };
    },
  };
}
