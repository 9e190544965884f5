// A process with the job types of the benchmarks, started by them: a server, a worker, or both in one. It tells on standard
// output, a JSON line each, when it is ready, when its handlers start and when their signals abort, in epoch milliseconds
// with fractions.
import * as z from "zod";
import { createHttpServer } from "../src/http/index.ts";
import { createManager, defineJob, type Logger } from "../src/index.ts";
import type { ProcessOptions } from "./child-server.ts";
import { epochNow } from "./measure.ts";
import { openPlace } from "./place.ts";

const say = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);

const noop = defineJob({ type: "noop", input: z.object({ n: z.number() }), run: async () => {} });

const sleeper = defineJob({
  type: "sleeper",
  input: z.object({}),
  async run(job) {
    say({ event: "started", at: epochNow(), id: job.id });
    await new Promise<void>((resolve) => job.signal.addEventListener("abort", () => resolve()));
    say({ event: "aborted", at: epochNow(), id: job.id });
    await job.checkpoint();
  },
});

const nothing = () => {};
const logger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: (fields, message) => console.error(message, fields),
};

const given = process.argv[2];
if (!given) throw new Error('Usage: node bench/server.ts \'{ "place": ..., "role": ... }\'');
const { place, role }: ProcessOptions = JSON.parse(given);
const manager = createManager({ ...(await openPlace(place)), jobs: [noop, sleeper], works: role !== "serve", logger });
await manager.start();
if (role === "work") say({ event: "listening", at: epochNow() });
else {
  const server = createHttpServer({ manager, datasets: null, host: "127.0.0.1", port: 0, logger });
  const { url } = await server.listen();
  say({ event: "listening", at: epochNow(), url });
}
