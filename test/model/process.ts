// One engine over one folder, as a process has it: it can crash and come back, later by its own clock.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDirectoryFileStore } from "../../src/files/index.ts";
import { createManager, type Manager, type Store } from "../../src/index.ts";
import { createSqliteStore } from "../../src/stores/sqlite/index.ts";
import { createFakeClock, type FakeClock } from "../../src/testing/index.ts";
import { createStage, type Stage, type StepCounts } from "./puppets.ts";
import { atRest, observe } from "./quiet.ts";
import { CONCURRENCY, CRASH_LIMIT } from "./world.ts";

/** The lease is renewed three times within this. */
export const LEASE_MS = 30_000;
/** So much time can pass at once without a lease being lost. */
export const STEP_MS = 9_000;
export const DRAIN_MS = 5_000;

export interface EngineProcess {
  readonly manager: Manager;
  readonly store: Store;
  readonly stage: Stage;
  now(): number;
  /** Lets time pass at once, whatever becomes of leases, and waits until the engine is at rest. */
  advance(ms: number): Promise<void>;
  rest(): Promise<void>;
  /** Takes the store away, as kill -9 would. Its handlers live on for a while and do what they like. */
  kill(): Promise<void>;
  /** Begins to stop; `end` resolves when it has. */
  beginStop(): Promise<{ end(): Promise<void> }>;
}

export interface ProcessOptions {
  readonly folder: string;
  /** Where its clock begins, epoch ms. */
  readonly startAt: number;
  readonly work: StepCounts;
}

export async function startProcess({ folder, startAt, work }: ProcessOptions): Promise<EngineProcess> {
  const clock = createFakeClock(startAt);
  const real = await createSqliteStore({ path: join(folder, "pawl.db"), clock, leaseMs: LEASE_MS });
  const observed = observe(real, createDirectoryFileStore({ directory: join(folder, "files") }));
  const stage = createStage(work);
  const manager = createManager({
    store: observed.store,
    fileStore: observed.fileStore,
    jobs: stage.jobs,
    concurrency: CONCURRENCY,
    crashLimit: CRASH_LIMIT,
    drainMs: DRAIN_MS,
    clock,
  });
  const rest = () => atRest(observed);
  const advance = async (ms: number) => {
    clock.advance(ms);
    await rest();
  };
  await manager.start();
  // What waits for a timer of 0 ms begins.
  await advance(0);
  return {
    manager,
    store: real,
    stage,
    now: clock.now,
    advance,
    rest,
    async kill() {
      await real.close();
      await bury({ manager, stage, clock });
    },
    async beginStop() {
      const stopped = manager.stop();
      await rest();
      return {
        async end() {
          await stopped;
          await real.close();
          for (const puppet of stage.puppets()) puppet.give({ kind: "succeed" });
        },
      };
    },
  };
}

/** Ends what a process without a store still does: its handlers say that all went well, and nobody hears it. */
async function bury({ manager, stage, clock }: { manager: Manager; stage: Stage; clock: FakeClock }): Promise<void> {
  let isStopped = false;
  const stopped = manager.stop().finally(() => {
    isStopped = true;
  });
  for (const puppet of stage.puppets()) puppet.give({ kind: "succeed" });
  // It tries again to write the ends of its attempts until its time to drain is over.
  while (!isStopped) {
    clock.advance(DRAIN_MS);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await stopped;
  clock.advance(DRAIN_MS);
}

/** A folder for one database. */
export async function makeFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "pawl-model-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
