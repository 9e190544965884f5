// Two job types whose attempts run in processes of their own. Those processes import this module: it starts nothing.
import * as z from "zod";
import { defineJob } from "../src/index.ts";
import { ownProcess } from "../src/isolation/index.ts";

/** Stands for half a second of computing that never lets go of its thread. */
function simulateRound() {
  const endsAt = performance.now() + 500;
  while (performance.now() < endsAt);
}

export const simulate = defineJob({
  type: "simulate",
  isolation: ownProcess(import.meta.url, { pauseGraceMs: 100, maxMemoryMb: 256 }),
  concurrency: { total: 2 },
  input: z.strictObject({ rounds: z.int() }),
  async run(job) {
    for (let round = Number(job.cursor ?? 0); round < job.input.rounds; round += 1) {
      simulateRound();
      await job.checkpoint(round + 1);
    }
    return { rounds: job.input.rounds };
  },
});

export const endless = defineJob({
  type: "endless",
  isolation: ownProcess(import.meta.url),
  cancelGraceMs: 300,
  input: z.strictObject({}),
  async run(job) {
    await job.checkpoint("about to get stuck");
    for (;;);
  },
});
