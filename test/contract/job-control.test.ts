// The manager of this process and a client of a server keep the same promises.

import * as z from "zod";
import { createClient } from "../../src/client/index.ts";
import { createHttpServer } from "../../src/http/index.ts";
import { defineJob } from "../../src/index.ts";
import { echo, hold, scribe } from "../http/support.ts";
import { startManager } from "../support/test-manager.ts";
import { jobControlContract, QUEUE_LIMIT } from "./job-control-contract.ts";

/** Its rollback goes on until somebody gives it up. */
const stuck = defineJob({
  type: "stuck",
  input: z.object({}),
  async run(job) {
    for (;;) {
      await job.checkpoint();
      await job.wait(5);
    }
  },
  async rollback(job) {
    for (;;) {
      await job.checkpoint();
      await job.wait(5);
    }
  },
});

/** Logs lines, and fails. */
const wordy = defineJob({
  type: "wordy",
  input: z.object({ lines: z.number() }),
  retry: { attempts: 1 },
  async run(job) {
    for (let line = 1; line <= job.input.lines; line += 1) job.log.info(`line ${line}`, { line });
    throw new Error("nothing more to say");
  },
});

/** Says where it starts, and fails after a checkpoint. */
const halfway = defineJob({
  type: "halfway",
  input: z.object({}),
  retry: { attempts: 1 },
  async run(job) {
    job.log.info(`starts at ${job.cursor}`);
    await job.checkpoint(1);
    throw new Error("no further");
  },
});

/** One unfinished job a group. */
const only = defineJob({
  type: "only",
  input: z.object({ group: z.string() }),
  exclusive: (input) => input.group,
  async run() {},
});

const start = () => startManager({ jobs: [echo, hold, scribe, wordy, halfway, stuck, only], queueLimit: QUEUE_LIMIT });

jobControlContract("the manager of this process", async () => {
  const pawl = await start();
  return { control: pawl.manager, stop: pawl.stop };
});

jobControlContract("a client of a server", async () => {
  const pawl = await start();
  const server = createHttpServer({ manager: pawl.manager, port: 0, validateReplies: true });
  const { url } = await server.listen();
  return {
    control: createClient({ url }),
    async stop() {
      await server.close();
      await pawl.stop();
    },
  };
});
