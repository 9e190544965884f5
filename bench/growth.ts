// Two managers over stores that differ in one thing only: how many jobs wait in them. Made once for a run of the benchmark,
// and closed at its end.
import * as z from "zod";
import { createManager, defineJob, type Manager } from "../src/index.ts";
import type { Bench } from "./backend.ts";
import { openPlace } from "./place.ts";

/** A store with jobs that wait in a paused queue, and a worker that is idle. */
export interface Grown {
  readonly manager: Manager;
  /** Called by the handler of `noop` when it starts. */
  onStart: (n: number) => void;
}

export const FEW = 1_000;
export const MANY = 1_000_000;
const BATCH = 1_000;
const CUSTOMERS = 1_000;

const grown = new Map<number, Promise<Grown>>();
const over = Promise.withResolvers<void>();
const closed: Promise<unknown>[] = [];

/** The store with so many waiting jobs. */
export function withWaiting(bench: Bench, jobs: number): Promise<Grown> {
  const made = grown.get(jobs) ?? grow(bench, jobs);
  grown.set(jobs, made);
  return made;
}

/** Closes what was made. */
export async function endGrowth(): Promise<void> {
  over.resolve();
  await Promise.all(closed);
}

function grow(bench: Bench, jobs: number): Promise<Grown> {
  const { promise, resolve } = Promise.withResolvers<Grown>();
  const use = bench.withPlace(async (place) => {
    const opened = await openPlace(place);
    const result: { manager: Manager; onStart: (n: number) => void } = {
      manager: createManager({ ...opened, jobs: [noop((n) => result.onStart(n))], concurrency: 500 }),
      onStart: () => {},
    };
    await fillWaiting(result.manager, bench.times(jobs));
    await result.manager.start();
    resolve(result);
    await over.promise;
    await result.manager.stop();
    await opened.store.close();
  });
  closed.push(use);
  return Promise.race([promise, use.then(() => promise)]);
}

/** Submits jobs to a queue that is paused. */
export async function fillWaiting(manager: Manager, jobs: number): Promise<void> {
  await manager.queues.pause("held");
  for (let from = 0; from < jobs; from += BATCH) {
    await manager.submitAll(Array.from({ length: BATCH }, (_, index) => heldJob(from + index)));
  }
}

export const noop = (onStart: (n: number) => void) =>
  defineJob({ type: "noop", input: z.object({ n: z.number() }), run: async (job) => onStart(job.input.n) });

const heldJob = (n: number) => ({
  type: "noop",
  queue: "held",
  input: { n },
  key: `order-${String(n).padStart(7, "0")}`,
  labels: { customer: String(n % CUSTOMERS) },
});
