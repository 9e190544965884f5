// W1: jobs a second until acknowledged, which means durable.
import * as z from "zod";
import { defineJob } from "../../src/index.ts";
import { inFlight, withManager } from "../bench-manager.ts";
import { type Comparison, seconds } from "../measure.ts";
import { rawInserts } from "../raw-sqlite.ts";

const JOBS = 20_000;
const noop = defineJob({ type: "noop", input: z.object({ n: z.number() }), run: async () => {} });

const submit = (parallel: number) => () =>
  withManager({ jobs: [noop] }, async (manager) => {
    const time = await seconds(() => inFlight(JOBS, parallel, (n) => manager.submit({ type: "noop", input: { n } })));
    return JOBS / time;
  });

const submitInBatches = (size: number) => () =>
  withManager({ jobs: [noop] }, async (manager) => {
    const time = await seconds(async () => {
      for (let done = 0; done < JOBS; done += size) {
        await Promise.all(Array.from({ length: size }, (_, n) => manager.submit({ type: "noop", input: { n } })));
      }
    });
    return JOBS / time;
  });

export const w1: readonly Comparison[] = [
  {
    name: "W1 submit, 64 in flight",
    unit: "per second",
    pawl: submit(64),
    against: { name: "raw inserts, 64 a commit", round: async () => rawInserts(JOBS, 64) },
    target: { absolute: 70_000 },
    rounds: 5,
  },
  {
    name: "W1 submit, 1,000 at a time",
    unit: "per second",
    pawl: submitInBatches(1_000),
    against: { name: "raw inserts, 1,000 a commit", round: async () => rawInserts(JOBS, 1_000) },
    target: { absolute: 150_000 },
    rounds: 5,
  },
];
