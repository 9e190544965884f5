// `simple`: counts steps, and undoes them again. The smallest job that can be cleaned up after: each step is in the
// journal before it is done, so whatever was counted when the job stops, and nothing else, is taken back.
import * as z from "zod";
import { defineJob } from "../index.ts";
import { pauseMs } from "./input-fields.ts";

/** What an entry of the journal says: which step it was. */
const entry = z.object({ step: z.int() });

export interface SimpleOptions {
  /** The wait between two steps of a job that does not say its own, in ms. Default 1,000. */
  readonly stepMs?: number;
}

/** Makes the job type `simple`. */
export function createSimple({ stepMs = 1_000 }: SimpleOptions = {}) {
  return defineJob({
    type: "simple",
    title: "Count steps",
    description: "Counts its steps, and waits between them. A job that is cancelled or rolled back takes them back.",
    input: z.strictObject({
      steps: z.int().min(1).max(1_000_000).default(10).meta({ title: "Steps", description: "How many steps." }),
      stepMs: pauseMs(stepMs).meta({ title: "Wait", description: "Milliseconds between two steps." }),
    }),
    async run(job) {
      const { steps, stepMs: waitMs } = job.input;
      let done = typeof job.cursor === "number" ? job.cursor : 0;
      job.progress.set({ done, total: steps, unit: "steps" });
      while (done < steps) {
        await job.journal({ step: done + 1 });
        done += 1;
        job.progress.set({ done });
        await job.checkpoint(done);
        if (done < steps) await job.wait(waitMs);
      }
      return { steps };
    },
    async undo(job, made) {
      job.log.info(`Step ${entry.parse(made).step} is undone.`);
    },
  });
}
