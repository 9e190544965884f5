// A server with the job types of the benchmarks, started by them as a process of its own. It tells on standard output, a
// JSON line each, when its handlers start and when their signals abort, in epoch milliseconds with fractions.
import { join } from "node:path";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createHttpServer } from "../src/http/index.ts";
import { createManager, defineJob, type Logger, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";
import { epochNow } from "./measure.ts";

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

const directory = process.argv[2];
if (!directory) throw new Error("Usage: node bench/server.ts <folder>");
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [noop, sleeper], logger });
// `idle`: jobs are taken and shown, but none is run.
if (process.argv[3] !== "idle") await manager.start();
const server = createHttpServer({ manager, datasets: null, host: "127.0.0.1", port: 0, logger });
const { url } = await server.listen();
say({ event: "listening", at: epochNow(), url });
