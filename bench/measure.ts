// How figures are taken: every workload runs in turns with what it is compared with, so that a slow moment of the machine
// hits both, and what is reported is the ratio of medians, with the spread of the rounds.

/** Which way is better. */
export type Unit = "per second" | "ms" | "MB";

/** One side of a comparison. It answers its figure for one round. */
export type Round = () => Promise<number>;

/** The target of the design, in the same unit, and in words where it is a ratio. */
export interface Target {
  readonly absolute?: number;
  /** At least this share of what it is held against. */
  readonly ratio?: number;
  /** At most this many times what it is held against. */
  readonly atMostRatio?: number;
}

export interface Side {
  readonly name: string;
  readonly round: Round;
}

export interface Comparison {
  /** Such as `W1 submit, 64 in flight`. */
  readonly name: string;
  readonly unit: Unit;
  readonly pawl: Round;
  /** What it is held against: a raw limit of this machine. */
  readonly against: Side | null;
  /** Other programs that do the same, in the same run. */
  readonly peers?: readonly Side[];
  readonly target: Target;
  readonly rounds: number;
  /** Every round starts anew, so that none has to warm up. */
  readonly isCold?: boolean;
}

/** The figures of one side, a round each. */
export interface Measured extends Side {
  readonly figures: readonly number[];
}

export interface Result {
  readonly comparison: Comparison;
  readonly pawl: readonly number[];
  readonly against: Measured | null;
  readonly peers: readonly Measured[];
}

/** Runs all sides in turns; the first round of each only warms up, unless it is cold. */
export async function compare(comparison: Comparison): Promise<Result> {
  const measure = (side: Side) => ({ ...side, figures: [] as number[] });
  const pawl = measure({ name: "pawl", round: comparison.pawl });
  const against = comparison.against && measure(comparison.against);
  const peers = (comparison.peers ?? []).map(measure);
  for (let round = comparison.isCold ? 1 : 0; round <= comparison.rounds; round += 1) {
    for (const side of [pawl, ...(against ? [against] : []), ...peers]) {
      const figure = await side.round();
      if (round > 0) side.figures.push(figure);
    }
  }
  return { comparison, pawl: pawl.figures, against, peers };
}

/** The value below which `share` (0 to 1) of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Wall time of `work`, in seconds. */
export async function seconds(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

/** Epoch milliseconds with fractions: comparable between processes of one machine. */
export function epochNow(): number {
  return performance.timeOrigin + performance.now();
}
