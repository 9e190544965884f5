// How far a job was, second after second, as long as somebody looked; and the rate that follows from it.
import type { Segment } from "../timeline/timeline.ts";
import { lengthOf } from "../timeline/timeline.ts";

export interface Sample {
  /** Epoch ms. */
  readonly at: number;
  readonly done: number;
  /** Of `done`: an undo may count other things. */
  readonly unit: string | null;
  /** Items a second, as the job's worker measured it; `null` where it is not known yet. */
  readonly rate: number | null;
  /** Whether an attempt was under way. */
  readonly isRunning: boolean;
}

const KEPT = 1_200;
const EVERY_MS = 900;
/** A job that has told nothing new for so long is shown as slow as it is. */
const STALL_MS = 12_000;
/** A gap in what was seen. */
const GAP_MS = 5_000;
const LEAST_MS = 1_500;

/** Kept while the page lives, so that whoever comes back to a job finds its chart again. */
const samples = new Map<string, readonly Sample[]>();
const JOBS_KEPT = 50;

export const samplesOf = (id: string): readonly Sample[] => samples.get(id) ?? [];

/** Keeps one a second, and each at which the job starts or stops. */
export function addSample(id: string, sample: Sample): void {
  const before = samplesOf(id);
  const last = before.at(-1);
  if (last && sample.at - last.at < EVERY_MS && last.isRunning === sample.isRunning) return;
  samples.delete(id);
  samples.set(id, [...before.slice(1 - KEPT), sample]);
  for (const oldest of samples.keys()) {
    if (samples.size <= JOBS_KEPT) break;
    samples.delete(oldest);
  }
}

export interface RatePoint {
  readonly at: number;
  /** Items a second; `null` where nothing ran, or nothing is known. */
  readonly rate: number | null;
}

/** The rate at each sample, with gaps where nothing ran or nobody looked. */
export function ratesOf(all: readonly Sample[]): readonly RatePoint[] {
  let changed = all[0];
  return all.flatMap((sample, index): readonly RatePoint[] => {
    const before = all[index - 1];
    if (!before?.isRunning || before.done !== sample.done) changed = sample;
    const stillMs = sample.at - (changed?.at ?? sample.at);
    const rate = !sample.isRunning ? null : stillMs > STALL_MS ? 0 : sample.rate;
    const isGap = before !== undefined && sample.at - before.at > GAP_MS;
    return isGap
      ? [
          { at: sample.at - 1, rate: null },
          { at: sample.at, rate },
        ]
      : [{ at: sample.at, rate }];
  });
}

/**
 * The mean rate of the time before the first sample: history tells when it ran, and the first sample how far it came.
 * `null` where that is no answer, as for a job that was started anew or is undone.
 */
export function meanBefore(segments: readonly Segment[], firstAt: number, firstDone: number): number | null {
  if (segments.some(({ by, phase }) => by === "retry" || phase === "rollback")) return null;
  const before = segments.filter(({ kind, from }) => kind === "running" && from < firstAt);
  const ms = before.reduce((sum, segment) => sum + Math.min(lengthOf(segment, firstAt), firstAt - segment.from), 0);
  return ms >= LEAST_MS && firstDone > 0 ? (firstDone * 1_000) / ms : null;
}
