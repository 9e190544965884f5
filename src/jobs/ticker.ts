// `ticker`: prints and logs a line at each tick. The smallest job with a cursor, to see pause, resume and stop at work.
import * as z from "zod";
import { defineJob, Interruption } from "../index.ts";
import { lineOfText } from "./input-fields.ts";
import { createLinePrinter } from "./line-printer.ts";

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
  text: lineOfText()
    .optional()
    .meta({ title: "Text", description: 'The line of a tick. Default: "Tick", and its number.' }),
  stopText: lineOfText()
    .optional()
    .meta({ title: "Text at the stop", description: "The line when it is cancelled while it runs. Default: none." }),
});

export interface TickerOptions {
  /** Takes each line. Default: writes it to standard output. */
  readonly print?: (line: string) => void;
  /** How many tickers run at once, in all processes. Default: any number. */
  readonly concurrency?: number;
}

/** Makes the job type `ticker`. */
export function createTicker({ print = createLinePrinter(process.stdout), concurrency }: TickerOptions = {}) {
  return defineJob({
    type: "ticker",
    title: "Tick",
    description: "Prints and logs a line at each tick, until it has ticked often enough or is stopped.",
    input,
    concurrency: { total: concurrency },
    async run(job) {
      const { times = Number.POSITIVE_INFINITY, intervalMs, text, stopText } = job.input;
      const say = (line: string) => {
        print(line);
        job.log.info(line);
      };
      let ticks = typeof job.cursor === "number" ? job.cursor : 0;
      job.progress.set({ done: ticks, total: job.input.times ?? null, unit: "ticks" });
      try {
        while (ticks < times) {
          say(text ?? `Tick ${ticks + 1}`);
          ticks += 1;
          job.progress.set({ done: ticks });
          await job.checkpoint(ticks);
          if (ticks < times) await job.wait(intervalMs);
        }
      } catch (error) {
        if (stopText !== undefined && isCancel(error)) say(stopText);
        throw error;
      }
      return { ticks };
    },
  });
}

const isCancel = (error: unknown) =>
  error instanceof Interruption && (error.cause === "cancel" || error.cause === "terminate");
