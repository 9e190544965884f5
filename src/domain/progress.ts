// How far a job is, how fast it goes and how long it still takes. Pure arithmetic over times it is given;
// time that the job spent paused or waiting never counts, because a meter lives for one attempt only.

/** What a job says of itself. `ratePerSecond` is measured while it runs, `null` before there is enough to measure. */
export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly unit: string | null;
  readonly message: string | null;
  readonly ratePerSecond: number | null;
}

export const NO_PROGRESS: Progress = { done: 0, total: null, unit: null, message: null, ratePerSecond: null };

/** The rate looks back over this many milliseconds: long enough to be steady, short enough to follow a throttle. */
const RATE_WINDOW_MS = 10_000;

interface Sample {
  readonly at: number;
  readonly done: number;
}

/** Remembers the samples of one attempt that lie in the window. */
export interface RateMeter {
  /** Takes a sample at `at` (ms of any steady clock) and answers the rate in items a second, or `null` when unknown. */
  sample(done: number, at: number): number | null;
}

/**
 * Creates a meter for one attempt.
 *
 * @example
 * const meter = createRateMeter();
 * meter.sample(0, 0); // null
 * meter.sample(500, 1_000); // 500
 */
export function createRateMeter(): RateMeter {
  let samples: Sample[] = [];
  return {
    sample(done, at) {
      const last = samples.at(-1);
      if (last && done < last.done) samples = [];
      samples.push({ at, done });
      while (samples.length > 2 && (samples[1]?.at ?? at) <= at - RATE_WINDOW_MS) samples.shift();
      const first = samples[0];
      if (!first || at <= first.at) return null;
      return readable(((done - first.done) * 1_000) / (at - first.at));
    },
  };
}

/** Three digits are more than a measured rate is worth; whole numbers stay whole. */
function readable(rate: number): number {
  return rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(3));
}

/** Milliseconds of running that are still needed at the present rate; `null` when the total or the rate is unknown. */
export function etaMs(progress: Progress): number | null {
  const { done, total, ratePerSecond } = progress;
  if (total === null || ratePerSecond === null) return null;
  if (done >= total) return 0;
  return ratePerSecond > 0 ? Math.ceil(((total - done) / ratePerSecond) * 1_000) : null;
}
