// W2: waiting jobs that do nothing, from the first handler's start until the store shows all of them finished.
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import type { Bench } from "../backend.ts";
import { inFlight, withManager } from "../bench-manager.ts";
import type { Comparison } from "../measure.ts";

const JOBS = 20_000;
const CONCURRENCY = 500;

async function drain(bench: Bench): Promise<number> {
  const jobs = bench.times(JOBS);
  let startedAt = 0;
  const noop = defineJob({
    type: "noop",
    input: z.object({ n: z.number() }),
    run: async () => {
      startedAt ||= performance.now();
    },
  });
  return withManager(bench, { jobs: [noop], concurrency: CONCURRENCY }, async (manager) => {
    await inFlight(jobs, 1_000, (n) => manager.submit({ type: "noop", input: { n } }));
    let finished = 0;
    const { promise: all, resolve } = Promise.withResolvers<void>();
    manager.subscribe((notice) => {
      if (notice.kind !== "changed") return;
      finished += notice.jobs.filter((job) => job.state === "succeeded").length;
      if (finished === jobs) resolve();
    });
    await manager.start();
    await all;
    const endedAt = performance.now();
    const { items } = await manager.list({ state: ["queued", "running", "failed"], limit: 1 });
    if (items.length > 0) throw new Error("W2: the store does not show all jobs finished.");
    return (jobs * 1_000) / (endedAt - startedAt);
  });
}

export const w2 = (bench: Bench): readonly Comparison[] => [
  {
    name: `W2 drain, concurrency ${CONCURRENCY}`,
    unit: "per second",
    pawl: () => drain(bench),
    against: { name: "raw claim + complete, 100", round: () => bench.raw.drain(bench.times(JOBS), 100) },
    peers: bench.peers.flatMap(({ drains }) =>
      drains.map(({ name, drain: drainPeer }) => ({ name, round: () => drainPeer(bench.times(JOBS)) })),
    ),
    target: bench.target({ sqlite: { absolute: 60_000 }, postgres: { absolute: 12_000 } }),
    rounds: bench.rounds(5),
  },
];
