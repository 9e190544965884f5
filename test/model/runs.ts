// Random runs of the engine against the model, in batches: each batch has a seed, a folder and an engine of its own, so
// that its seed alone repeats it. Several batches go on side by side.
import fc from "fast-check";
import { commands } from "./commands.ts";
import { type Coverage, createCoverage } from "./coverage.ts";
import { finish } from "./finish.ts";
import { makeFolder } from "./process.ts";
import { startTrial, type Trial } from "./trial.ts";
import { makeVisit } from "./visits.ts";

export interface RunsOptions {
  readonly seed: number;
  readonly runs: number;
}

/** What runs came to. */
export interface Report {
  readonly runs: number;
  readonly coverage: Coverage;
  /** What went wrong, and how to see it again. */
  readonly failures: readonly string[];
}

/** Runs of one seed: few enough to be repeated in a moment. */
const BATCH = 10;
/** Batches at once: the engine and its database are each busy about half of the time. */
const LANES = 3;
/** How long a failing run is made shorter before it is shown. */
const SHRINK_MS = 10_000;

const START = Date.parse("2026-01-01T00:00:00Z");

/** Runs until all are done, or some have failed. */
export async function runModel({ seed, runs }: RunsOptions): Promise<Report> {
  const coverage = createCoverage();
  const failures: string[] = [];
  let begun = 0;
  const lane = async () => {
    while (begun < runs && failures.length === 0) {
      const batch = { seed: seed + begun / BATCH, runs: Math.min(BATCH, runs - begun), coverage };
      begun += batch.runs;
      const failure = await runBatch(batch);
      if (failure !== null) failures.push(failure);
    }
  };
  const cache = await keepCompiledCode();
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    await cache.remove();
  }
  return { runs: begun, coverage, failures };
}

/** A store starts two threads, and every process that crashes has two more: compiling their code takes half of all time. */
async function keepCompiledCode(): Promise<{ remove(): Promise<void> }> {
  const before = process.env.NODE_COMPILE_CACHE;
  const folder = await makeFolder();
  process.env.NODE_COMPILE_CACHE = folder.path;
  return {
    async remove() {
      if (before === undefined) delete process.env.NODE_COMPILE_CACHE;
      else process.env.NODE_COMPILE_CACHE = before;
      await folder.remove();
    },
  };
}

interface Batch extends RunsOptions {
  readonly coverage: Coverage;
}

/** Answers what went wrong, `null` when nothing did. */
async function runBatch({ seed, runs, coverage }: Batch): Promise<string | null> {
  const host = createHost(coverage);
  let begun = 0;
  let failedAt: number | null = null;
  const property = fc.asyncProperty(commands, async (run) => {
    if (failedAt !== null && performance.now() > failedAt + SHRINK_MS) return;
    if (failedAt === null) begun += 1;
    const trial = await host.trial();
    try {
      await fc.asyncModelRun(() => ({ model: trial.world, real: trial }), run);
      // Runs that follow each other, from batch to batch too, visit one place after the other.
      await makeVisit(trial, seed * BATCH + begun - 1);
      await finish(trial);
    } catch (error) {
      failedAt ??= performance.now();
      await host.discard();
      throw error;
    }
  });
  try {
    const { failed, counterexample, errorInstance } = await fc.check(property, { seed, numRuns: runs });
    if (!failed) return null;
    const shortest = String(counterexample?.[0]);
    return `SEED=${seed} MODEL_RUNS=${BATCH} repeats run ${begun} of its batch; made shorter: ${shortest}\n${told(errorInstance)}`;
  } finally {
    await host.discard();
  }
}

const told = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Keeps one engine for run after run; after a failed one, the next gets another. */
function createHost(coverage: Coverage) {
  let present: { readonly trial: Trial; readonly folder: Awaited<ReturnType<typeof makeFolder>> } | null = null;
  return {
    async trial(): Promise<Trial> {
      if (present === null) {
        const folder = await makeFolder();
        present = { folder, trial: await startTrial({ folder: folder.path, startAt: START, coverage }) };
      }
      return present.trial;
    },
    async discard(): Promise<void> {
      const last = present;
      present = null;
      await last?.trial.abandon();
      await last?.folder.remove();
    },
  };
}
