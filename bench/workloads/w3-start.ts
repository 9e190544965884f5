// W3: an idle worker gets one job at a time: submit to the handler's start.
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import type { Bench } from "../backend.ts";
import { withManager } from "../bench-manager.ts";
import { type Comparison, quantile, type Target } from "../measure.ts";

const JOBS = 200;

const start = (bench: Bench, share: number) => () => {
  let onStart = () => {};
  const noop = defineJob({ type: "noop", input: z.object({}), run: async () => onStart() });
  return withManager(bench, { jobs: [noop] }, async (manager) => {
    await manager.start();
    const times: number[] = [];
    for (let n = 0; n < bench.times(JOBS); n += 1) {
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

interface Wanted {
  readonly name: string;
  readonly share: number;
  readonly target: Target;
}

const comparison = (bench: Bench, { name, share, target }: Wanted): Comparison => ({
  name: `W3 submit to start, ${name}`,
  unit: "ms",
  pawl: start(bench, share),
  against: { name: "two raw commits", round: () => bench.raw.commitMs(2) },
  peers: bench.peers.map((peer) => ({
    name: peer.startName,
    round: async () => quantile(await peer.startMs(bench.times(JOBS)), share),
  })),
  target,
  rounds: bench.rounds(5),
});

export const w3 = (bench: Bench): readonly Comparison[] => [
  comparison(bench, {
    name: "p50",
    share: 0.5,
    target: bench.target({ sqlite: { absolute: 0.5 }, postgres: { absolute: 2 } }),
  }),
  comparison(bench, {
    name: "p99",
    share: 0.99,
    target: bench.target({ sqlite: { absolute: 2 }, postgres: { absolute: 5 } }),
  }),
];
