// `ticker`: prints and logs a line at each tick. The smallest job with a cursor, to see pause, resume and stop at work.
import * as z from "zod";
import { defineJob } from "../index.ts";

const input = z.strictObject({
  times: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .optional()
    .meta({ title: "Times", description: "How many ticks. Default: endless." }),
  intervalMs: z
    .int()
    .min(1)
    .max(86_400_000)
    .default(1_000)
    .meta({ title: "Interval", description: "Milliseconds between two ticks." }),
  text: z
    .string()
    .max(200)
    .regex(/^\P{Cc}*$/u, { error: "must not hold control characters" })
    .optional()
    .meta({ title: "Text", description: 'The line of a tick. Default: "Tick", and its number.' }),
});

export interface TickerOptions {
  /** Takes each line. Default: writes it to standard output. */
  readonly print?: (line: string) => void;
}

/** Makes the job type `ticker`. */
export function createTicker({ print = printLine }: TickerOptions = {}) {
  return defineJob({
    type: "ticker",
    title: "Tick",
    description: "Prints and logs a line at each tick, until it has ticked often enough or is stopped.",
    input,
    async run(job) {
      const { times = Number.POSITIVE_INFINITY, intervalMs, text } = job.input;
      let ticks = typeof job.cursor === "number" ? job.cursor : 0;
      job.progress.set({ done: ticks, total: job.input.times ?? null, unit: "ticks" });
      while (ticks < times) {
        const line = text ?? `Tick ${ticks + 1}`;
        print(line);
        job.log.info(line);
        ticks += 1;
        job.progress.set({ done: ticks });
        await job.checkpoint(ticks);
        if (ticks < times) await job.wait(intervalMs);
      }
      return { ticks };
    },
  });
}

const printLine = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
