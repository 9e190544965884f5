// W6: durable checkpoints a second, of one job in sequence and of 50 jobs at once.
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import { withManager } from "../bench-manager.ts";
import type { Comparison } from "../measure.ts";
import { rawUpdates } from "../raw-sqlite.ts";

const checkpoints = (jobs: number, each: number) => async () => {
  let startedAt = 0;
  const saver = defineJob({
    type: "saver",
    input: z.object({}),
    async run(job) {
      startedAt ||= performance.now();
      for (let n = 1; n <= each; n += 1) await job.checkpoint(n);
    },
  });
  return withManager({ jobs: [saver] }, async (manager) => {
    await manager.start();
    const submitted = await Promise.all(
      Array.from({ length: jobs }, () => manager.submit({ type: "saver", input: {} })),
    );
    await Promise.all(submitted.map(({ id }) => manager.waitUntil(id, "succeeded")));
    return (jobs * each * 1_000) / (performance.now() - startedAt);
  });
};

export const w6: readonly Comparison[] = [
  {
    name: "W6 checkpoints, one job",
    unit: "per second",
    pawl: checkpoints(1, 5_000),
    against: { name: "raw single commits", round: async () => rawUpdates(5_000, 1) },
    target: { absolute: 10_000 },
    rounds: 5,
  },
  {
    name: "W6 checkpoints, 50 jobs",
    unit: "per second",
    pawl: checkpoints(50, 1_000),
    against: { name: "raw updates, 50 a commit", round: async () => rawUpdates(1_000, 50) },
    target: { absolute: 60_000 },
    rounds: 5,
  },
];
