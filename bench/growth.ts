// Two managers over stores that differ in one thing only: how many jobs wait in them. Made once for a run of the benchmark,
// deleted when the process ends.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, type Manager, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

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

/** The store with so many waiting jobs. */
export function withWaiting(jobs: number): Promise<Grown> {
  const made = grown.get(jobs) ?? grow(jobs);
  grown.set(jobs, made);
  return made;
}

async function grow(jobs: number): Promise<Grown> {
  const directory = mkdtempSync(join(tmpdir(), "pawl-bench-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
  const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
  const result: { manager: Manager; onStart: (n: number) => void } = {
    manager: createManager({ store, fileStore, jobs: [noop((n) => result.onStart(n))], concurrency: 500 }),
    onStart: () => {},
  };
  const { manager } = result;
  await fillWaiting(manager, jobs);
  await manager.start();
  return result;
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
