// W3: an idle worker gets one job at a time: submit to the handler's start.
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import { withManager } from "../bench-manager.ts";
import { type Comparison, quantile } from "../measure.ts";
import { rawCommitMs } from "../raw-sqlite.ts";

const JOBS = 200;

const start = (share: number) => () => {
  let onStart = () => {};
  const noop = defineJob({ type: "noop", input: z.object({}), run: async () => onStart() });
  return withManager({ jobs: [noop] }, async (manager) => {
    await manager.start();
    const times: number[] = [];
    for (let n = 0; n < JOBS; n += 1) {
      const started = new Promise<number>((resolve) => {
        onStart = () => resolve(performance.now());
      });
      const submittedAt = performance.now();
      const { id } = await manager.submit({ type: "noop", input: {} });
      times.push((await started) - submittedAt);
      await manager.waitUntil(id, "succeeded");
    }
    return quantile(times, share);
  });
};

const comparison = (name: string, share: number, absolute: number): Comparison => ({
  name: `W3 submit to start, ${name}`,
  unit: "ms",
  pawl: start(share),
  against: { name: "two raw commits", round: async () => rawCommitMs(2) },
  target: { absolute },
  rounds: 5,
});

export const w3: readonly Comparison[] = [comparison("p50", 0.5, 0.5), comparison("p99", 0.99, 2)];
