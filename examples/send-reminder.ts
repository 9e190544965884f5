// Sleeping and trying again later: a job that waits for days, or for somebody else, and holds no worker meanwhile.
// Run it with `node examples/send-reminder.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, systemClock, TryAgainLater } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

/** A day of the example is a second. */
const DAY_MS = 1_000;
const send = async (what: string) => console.log(`sent: ${what}`);
let requests = 0;
/** Stands for a service that takes a request a second, and says so. */
async function archive() {
  requests += 1;
  return requests === 1 ? { status: 429, retryAfterMs: 1_000 } : { status: 200, retryAfterMs: 0 };
}

const sendReminder = defineJob({
  type: "send-reminder",
  input: z.strictObject({ customer: z.string() }),
  async run(job) {
    await job.step("offer", () => send("offer"));
    await job.sleep("until the reminder", 2 * DAY_MS);
    await job.step("reminder", () => send("reminder"));
  },
});

const archiveMail = defineJob({
  type: "archive-mail",
  input: z.strictObject({}),
  async run() {
    const { status, retryAfterMs } = await archive();
    if (status === 429) throw new TryAgainLater(retryAfterMs, "the archive asked for a pause");
    console.log("archived");
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
// One job at a time: whoever holds the worker keeps the others waiting.
const manager = createManager({ store, fileStore, jobs: [sendReminder, archiveMail], concurrency: 1 });
await manager.start();

const reminder = await manager.submit({ type: "send-reminder", input: { customer: "Ada" } });
const mail = await manager.submit({ type: "archive-mail", input: {} });
await manager.waitUntil(mail.id, "final");
const done = await manager.waitUntil(reminder.id, "final");
console.log(`${done.state} in attempt ${done.attempt}`);
for (const { id } of [reminder, mail]) {
  const halts = (await manager.history(id)).filter((entry) => entry.kind === "halt");
  for (const { data } of halts) console.log(`halted: ${Object(data).cause}`);
}

await manager.stop();
await store.close();
await rm(directory, { recursive: true });
