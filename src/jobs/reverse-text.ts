// `reverse-text`: answers a text backwards, after a while. So many at once as there are workers for it: the rest waits in
// the queue. The text is cut into whole characters, so that no pair of surrogates comes apart.
import * as z from "zod";
import { defineJob } from "../index.ts";
import { pauseMs } from "./input-fields.ts";

const MOST_BYTES = 65_536;

export interface ReverseTextOptions {
  /** The wait of a job that does not say its own, in ms. Default 3,000. */
  readonly delayMs?: number;
  /** How many of these jobs run at once, in all processes. Default 3. */
  readonly workers?: number;
}

/** Makes the job type `reverse-text`. */
export function createReverseText({ delayMs = 3_000, workers = 3 }: ReverseTextOptions = {}) {
  return defineJob({
    type: "reverse-text",
    title: "Reverse a text",
    description: "Answers a text backwards, after a while. Only so many run at once.",
    input: z.strictObject({
      text: z
        .string()
        .max(MOST_BYTES)
        .refine((text) => Buffer.byteLength(text) <= MOST_BYTES, { error: "must be at most 64 KiB of UTF-8" })
        .meta({ title: "Text", description: "The text to reverse, at most 64 KiB of UTF-8." }),
      delayMs: pauseMs(delayMs).meta({ title: "Delay", description: "Milliseconds before the answer." }),
    }),
    concurrency: { total: workers },
    async run(job) {
      const characters = Array.from(job.input.text);
      job.progress.set({ done: 0, total: characters.length, unit: "characters" });
      await job.wait(job.input.delayMs);
      job.progress.set({ done: characters.length });
      return { text: characters.reverse().join("") };
    },
  });
}
