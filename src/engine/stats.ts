// Figures about all jobs and workers, as callers see them. They are read from counts that the store keeps; no job is looked at.
import { STATES, type State } from "../domain/lifecycle.ts";
import type { MinuteStats, Stats, WorkerInfo } from "../domain/stats.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobCount, MinuteFigures, StatsStore, Store, WaitingJob, WorkerRecord } from "../ports/store.ts";
import type { Manager } from "./manager.ts";

export interface FigureServices {
  readonly store: Pick<Store, "stats" | "leases">;
  readonly clock: Clock;
}

const MINUTES = 60;
const MINUTE_MS = 60_000;

export function createFigures({ store, clock }: FigureServices): Pick<Manager, "stats" | "workers"> {
  return {
    stats: () => readStats(store.stats, clock),
    workers: async () => (await store.leases.workers()).map(toWorkerInfo),
  };
}

async function readStats(stats: StatsStore, clock: Clock): Promise<Stats> {
  const [counts, figures, oldest] = await Promise.all([
    stats.counts(),
    stats.throughput({ minutes: MINUTES }),
    stats.oldestWaiting(),
  ]);
  const now = clock.now();
  return {
    states: Object.fromEntries(STATES.map((state) => [state, total(counts, state)])) as Record<State, number>,
    types: groups(counts, "type").map(([type, states]) => ({ type, states })),
    queues: groups(counts, "queue").map(([queue, states]) => ({ queue, states })),
    minutes: lastHour(figures, now),
    oldestWaiting: oldest && toOldest(oldest, now),
  };
}

const total = (counts: readonly JobCount[], state: State): number =>
  counts.reduce((sum, count) => (count.state === state ? sum + count.jobs : sum), 0);

/** The counts of each type or queue, by name. */
function groups(
  counts: readonly JobCount[],
  by: "type" | "queue",
): readonly [string, Partial<Record<State, number>>][] {
  const found = new Map<string, Partial<Record<State, number>>>();
  for (const count of counts) {
    const states = found.get(count[by]) ?? {};
    states[count.state] = (states[count.state] ?? 0) + count.jobs;
    found.set(count[by], states);
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Every minute of the last hour, those without events with zeros. */
function lastHour(figures: readonly MinuteFigures[], now: number): readonly MinuteStats[] {
  const known = new Map(figures.map((minute) => [minute.at, minute]));
  const present = Math.max(Math.floor(now / MINUTE_MS) * MINUTE_MS, figures.at(-1)?.at ?? 0);
  return Array.from({ length: MINUTES }, (_, index) => {
    const at = present - (MINUTES - 1 - index) * MINUTE_MS;
    return { ...NOTHING, ...known.get(at), at: new Date(at).toISOString() };
  });
}

const NOTHING: Omit<MinuteStats, "at"> = {
  submitted: 0,
  started: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  rolledBack: 0,
  rollbackFailed: 0,
};

const toOldest = (oldest: WaitingJob, now: number): Stats["oldestWaiting"] => ({
  ...oldest,
  availableAt: new Date(oldest.availableAt).toISOString(),
  waitingMs: Math.max(0, now - oldest.availableAt),
});

const toWorkerInfo = (worker: WorkerRecord): WorkerInfo => ({
  ...worker,
  startedAt: new Date(worker.startedAt).toISOString(),
  seenAt: new Date(worker.seenAt).toISOString(),
  jobs: worker.jobs.map((job) => ({ ...job, claimedAt: new Date(job.claimedAt).toISOString() })),
});
