// Randomness that a failure can be repeated with: the seed is printed, and taken from SEED when it is set.
import type { TestContext } from "node:test";

export interface Random {
  readonly seed: number;
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [from, to]. */
  between(from: number, to: number): number;
}

/** Creates a generator (mulberry32): the same seed gives the same numbers. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { seed, next, between: (from, to) => from + Math.floor(next() * (to - from + 1)) };
}

/** A seed from SEED, else from the clock. */
export function chooseSeed(): number {
  return Number(process.env.SEED ?? Date.now() % 2 ** 31);
}

/** The randomness of a test, which says how to repeat it. */
export function randomFor(t: TestContext): Random {
  const random = createRandom(chooseSeed());
  t.diagnostic(`SEED=${random.seed} repeats this run`);
  return random;
}
