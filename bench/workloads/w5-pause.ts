// W5: from a pause request to `paused` with the checkpoint committed, and from a resume to the handler running again
// at its cursor. The job goes through its items as fast as it can. On PostgreSQL a second measurement goes the whole way
// between two machines: `pawl serve --no-work` is asked over HTTP, and `pawl work` runs the job.
import * as z from "zod";
import { defineJob, type Manager } from "../../src/index.ts";
import type { Bench } from "../backend.ts";
import { withManager } from "../bench-manager.ts";
import { type Comparison, median, quantile, type Target } from "../measure.ts";
import { withTwoMachines } from "../two-machines.ts";

const TIMES = 100;
const ITEMS = Array.from({ length: 1_000_000 }, (_, n) => n);

interface Times {
  readonly pauses: number[];
  readonly resumes: number[];
}

async function measure(bench: Bench): Promise<Times> {
  let onItem = (_n: number) => {};
  const loop = defineJob({
    type: "loop",
    input: z.object({}),
    async run(job) {
      for await (const n of job.iterate(ITEMS)) {
        onItem(n);
        await job.wait(1);
      }
    },
  });
  return withManager(bench, { jobs: [loop] }, async (manager) => {
    await manager.start();
    const { id } = await manager.submit({ type: "loop", input: {} });
    const times: Times = { pauses: [], resumes: [] };
    for (let n = 0; n < bench.times(TIMES); n += 1)
      await pauseAndResume(manager, id, times, (callback) => {
        onItem = callback;
      });
    await manager.cancel(id);
    return times;
  });
}

async function pauseAndResume(
  manager: Manager,
  id: string,
  times: Times,
  listen: (onItem: (n: number) => void) => void,
): Promise<void> {
  const nextItem = () => new Promise<void>((resolve) => listen(() => resolve()));
  await nextItem();
  const pausedAt = performance.now();
  await manager.pause(id);
  await manager.waitUntil(id, "paused");
  times.pauses.push(performance.now() - pausedAt);
  const running = nextItem();
  const resumedAt = performance.now();
  await manager.resume(id);
  await running;
  times.resumes.push(performance.now() - resumedAt);
}

type Pick = (times: Times) => readonly number[];

interface Wanted {
  readonly name: string;
  readonly pick: Pick;
  readonly target: Target;
}

const comparison = (bench: Bench, { name, pick, target }: Wanted): Comparison => ({
  name: `W5 ${name}, p50`,
  unit: "ms",
  pawl: async () => median(pick(await measure(bench))),
  against: { name: "two raw commits", round: () => bench.raw.commitMs(2) },
  target,
  rounds: bench.rounds(3),
});

/** A pause and a resume over HTTP of a job that another process runs. */
const measureMachines = (bench: Bench) =>
  withTwoMachines(bench, async ({ submit, pause, resume }) => {
    const times: Times = { pauses: [], resumes: [] };
    const id = await submit({ type: "ticker", input: { intervalMs: 10 } });
    for (let n = 0; n < bench.times(TIMES); n += 1) {
      times.pauses.push(await pause(id));
      times.resumes.push(await resume(id));
    }
    return times;
  });

const betweenMachines = (bench: Bench, share: number): Comparison => ({
  name: `W5 machine A to B, pause, p${100 * share}`,
  unit: "ms",
  pawl: async () => quantile((await measureMachines(bench)).pauses, share),
  against: { name: "two raw commits", round: () => bench.raw.commitMs(2) },
  target: { absolute: 50 },
  rounds: bench.rounds(3),
});

export function w5(bench: Bench): readonly Comparison[] {
  const target = bench.target({ sqlite: { absolute: 10 }, postgres: { absolute: 20 } });
  const inOne = [
    comparison(bench, { name: "pause to paused", pick: ({ pauses }) => pauses, target }),
    comparison(bench, { name: "resume to running", pick: ({ resumes }) => resumes, target }),
  ];
  return bench.store === "sqlite" ? inOne : [...inOne, betweenMachines(bench, 0.5), betweenMachines(bench, 0.95)];
}
