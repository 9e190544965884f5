// `file-task`: two steps that mostly wait, and a JSON file after each. The waits hold no worker, so thousands of these jobs
// are under way at once, and a step that is noted is not done again.
import * as z from "zod";
import { defineJob, type JobContext } from "../index.ts";
import { lineOfText, pauseMs } from "./input-fields.ts";

/** What stands there after each step; the last one is the result. */
const FILES = ["step-1.json", "task.json"] as const;

export interface FileTaskOptions {
  /** How long a step of a job takes that does not say its own, in ms. Default 10,000. */
  readonly stepMs?: number;
}

/** Makes the job type `file-task`. */
export function createFileTask({ stepMs = 10_000 }: FileTaskOptions = {}) {
  return defineJob({
    type: "file-task",
    title: "Write a file in two steps",
    description: "Takes two steps that mostly wait, and writes a JSON file after each.",
    input: z.strictObject({
      name: lineOfText()
        .min(1)
        .meta({ title: "Name", description: "What the task is called.", examples: ["sample"] }),
      stepMs: pauseMs(stepMs).meta({ title: "Time a step", description: "Milliseconds that each step takes." }),
    }),
    async run(job) {
      const done = typeof job.cursor === "number" ? job.cursor : 0;
      job.progress.set({ done, total: FILES.length, unit: "steps" });
      for (const [index, file] of FILES.entries()) {
        if (index < done) continue;
        const step = index + 1;
        await job.sleep(`step ${step}`, job.input.stepMs);
        await writeFile(job, file, { id: job.id, name: job.input.name, step, steps: FILES.length });
        job.progress.set({ done: step });
        await job.checkpoint(step);
      }
      return { steps: FILES.length };
    },
  });
}

async function writeFile(job: JobContext, name: string, content: object): Promise<void> {
  const file = await job.artifact(name, { mediaType: "application/json" });
  await file.write(`${JSON.stringify(content)}\n`);
  await file.finish();
}
