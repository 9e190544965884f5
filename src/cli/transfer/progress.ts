// Says how far something long has come: a line when it begins, and then one every few seconds.
import type { Clock } from "../../ports/clock.ts";

/** To be called as often as one likes. */
export type Progress = (done: number) => void;

/** Begins something that takes `total` steps, `null` when nobody knows. */
export type Begin = (what: string, total: number | null) => Progress;

const EVERY_MS = 2_000;

export const grouped = (count: number): string => count.toLocaleString("en-US");

/** `say` gets whole lines, without their end. */
export const createProgress =
  (say: (line: string) => void, clock: Pick<Clock, "monotonic">): Begin =>
  (what, total) => {
    say(total === null ? what : `${what}, ${grouped(total)}`);
    let saidAt = clock.monotonic();
    return (done) => {
      if (clock.monotonic() - saidAt < EVERY_MS) return;
      saidAt = clock.monotonic();
      say(total === null ? `${what}: ${grouped(done)}` : `${what}: ${grouped(done)} of ${grouped(total)}`);
    };
  };
