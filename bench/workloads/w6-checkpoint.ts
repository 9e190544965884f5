// W6: durable checkpoints a second, of one job in sequence and of 50 jobs at once.
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import type { Bench } from "../backend.ts";
import { withManager } from "../bench-manager.ts";
import type { Comparison } from "../measure.ts";

const checkpoints = (bench: Bench, jobs: number, each: number) => async () => {
  let startedAt = 0;
  const saver = defineJob({
    type: "saver",
    input: z.object({}),
    async run(job) {
      startedAt ||= performance.now();
      for (let n = 1; n <= each; n += 1) await job.checkpoint(n);
    },
  });
  return withManager(bench, { jobs: [saver] }, async (manager) => {
    await manager.start();
    const submitted = await Promise.all(
      Array.from({ length: jobs }, () => manager.submit({ type: "saver", input: {} })),
    );
    await Promise.all(submitted.map(({ id }) => manager.waitUntil(id, "succeeded")));
    return (jobs * each * 1_000) / (performance.now() - startedAt);
  });
};

export function w6(bench: Bench): readonly Comparison[] {
  const each = { one: bench.times(5_000), many: bench.times(1_000) };
  return [
    {
      name: "W6 checkpoints, one job",
      unit: "per second",
      pawl: checkpoints(bench, 1, each.one),
      against: { name: "raw single commits", round: () => bench.raw.updates(each.one, 1) },
      target: bench.target({ sqlite: { absolute: 10_000 }, postgres: { absolute: 2_500 } }),
      rounds: bench.rounds(5),
    },
    {
      name: "W6 checkpoints, 50 jobs",
      unit: "per second",
      pawl: checkpoints(bench, 50, each.many),
      against: { name: "raw updates, 50 a commit", round: () => bench.raw.updates(each.many, 50) },
      target: bench.target({ sqlite: { absolute: 60_000 }, postgres: { absolute: 20_000 } }),
      rounds: bench.rounds(5),
    },
  ];
}
