// Failing: a backoff of one's own, a time-out, and a watchdog for jobs that do not get on.
// Run it with `node examples/call-partner.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, PermanentError, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

/** Stands for a partner's API: first it fails, then it hangs, then it refuses. */
async function callPartner(call: number, signal: AbortSignal) {
  if (call === 1) throw new Error("503 from the partner");
  if (call === 2) await setTimeout(60_000, undefined, { signal });
  throw new PermanentError("the partner knows no such account", { code: "no_account" });
}

const callJob = defineJob({
  type: "call-partner",
  input: z.strictObject({ account: z.string() }),
  retry: {
    attempts: 5,
    backoff: ({ attempt, code }) => (code === "timeout" ? 50 : attempt * 100),
  },
  timeoutMs: 500,
  run: (job) => callPartner(job.attempt, job.signal),
});

const crawl = defineJob({
  type: "crawl",
  input: z.strictObject({}),
  stall: { afterMs: 1_000, policy: "stop" },
  async run(job) {
    await job.checkpoint("page 1");
    await setTimeout(60_000, undefined, { signal: job.signal });
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [callJob, crawl] });
await manager.start();

async function tell(type: string, input: object) {
  const { id } = await manager.submit({ type, input });
  const { state } = await manager.waitUntil(id, "final");
  const failures = (await manager.history(id)).filter((entry) => entry.kind === "fail");
  for (const { attempt, data } of failures) console.log(`${type}, attempt ${attempt}: ${Object(data).code}`);
  console.log(`${type}: ${state}`);
}
await tell("call-partner", { account: "4711" });
await tell("crawl", {});

await manager.stop();
await store.close();
await rm(directory, { recursive: true });
