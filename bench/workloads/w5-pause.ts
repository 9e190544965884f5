// W5: from a pause request to `paused` with the checkpoint committed, and from a resume to the handler running again
// at its cursor. The job goes through its items as fast as it can.
import * as z from "zod";
import { defineJob, type Manager } from "../../src/index.ts";
import { withManager } from "../bench-manager.ts";
import { type Comparison, median } from "../measure.ts";
import { rawCommitMs } from "../raw-sqlite.ts";

const TIMES = 100;
const ITEMS = Array.from({ length: 1_000_000 }, (_, n) => n);

interface Times {
  readonly pauses: number[];
  readonly resumes: number[];
}

async function measure(): Promise<Times> {
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
  return withManager({ jobs: [loop] }, async (manager) => {
    await manager.start();
    const { id } = await manager.submit({ type: "loop", input: {} });
    const times: Times = { pauses: [], resumes: [] };
    for (let n = 0; n < TIMES; n += 1)
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

const comparison = (name: string, pick: (times: Times) => readonly number[]): Comparison => ({
  name: `W5 ${name}, p50`,
  unit: "ms",
  pawl: async () => median(pick(await measure())),
  against: { name: "two raw commits", round: async () => rawCommitMs(2) },
  target: { absolute: 10 },
  rounds: 3,
});

export const w5: readonly Comparison[] = [
  comparison("pause to paused", (times) => times.pauses),
  comparison("resume to running", (times) => times.resumes),
];
