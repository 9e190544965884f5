// W1: jobs a second until acknowledged, which means durable.
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import type { Bench } from "../backend.ts";
import { inFlight, withManager } from "../bench-manager.ts";
import { type Comparison, seconds } from "../measure.ts";

const JOBS = 20_000;
const PARALLEL = 64;
const BATCH = 1_000;
/** Of a program that takes one job a transaction. */
const SINGLE_JOBS = 3_000;

const noop = defineJob({ type: "noop", input: z.object({ n: z.number() }), run: async () => {} });

const submit = (bench: Bench) => () =>
  withManager(bench, { jobs: [noop] }, async (manager) => {
    const jobs = bench.times(JOBS);
    const time = await seconds(() => inFlight(jobs, PARALLEL, (n) => manager.submit({ type: "noop", input: { n } })));
    return jobs / time;
  });

const submitInBatches = (bench: Bench) => () =>
  withManager(bench, { jobs: [noop] }, async (manager) => {
    const jobs = bench.times(JOBS);
    const time = await seconds(async () => {
      for (let done = 0; done < jobs; done += BATCH) {
        await Promise.all(Array.from({ length: BATCH }, (_, n) => manager.submit({ type: "noop", input: { n } })));
      }
    });
    return jobs / time;
  });

export const w1 = (bench: Bench): readonly Comparison[] => [
  {
    name: "W1 submit, 64 in flight",
    unit: "per second",
    pawl: submit(bench),
    against: { name: "raw inserts, 64 a commit", round: () => bench.raw.inserts(bench.times(JOBS), PARALLEL) },
    peers: bench.peers.map(({ name, submitEach }) => ({
      name,
      round: () => submitEach(bench.times(SINGLE_JOBS), PARALLEL),
    })),
    target: bench.target({ sqlite: { absolute: 70_000 }, postgres: { absolute: 15_000 } }),
    rounds: bench.rounds(5),
  },
  {
    name: "W1 submit, 1,000 at a time",
    unit: "per second",
    pawl: submitInBatches(bench),
    against: { name: "raw inserts, 1,000 a commit", round: () => bench.raw.inserts(bench.times(JOBS), BATCH) },
    peers: bench.peers.map(({ name, submitTogether }) => ({
      name,
      round: () => submitTogether(bench.times(JOBS), BATCH),
    })),
    target: bench.target({ sqlite: { absolute: 150_000 }, postgres: { absolute: 90_000 } }),
    rounds: bench.rounds(5),
  },
];
