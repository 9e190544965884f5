// What an operator does with many jobs: holds a queue, finds jobs by label, changes one, stops the rest, sets limits.
// Run it with `node examples/stop-a-mailing.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

const sendMail = defineJob({
  type: "send-mail",
  input: z.strictObject({ to: z.email(), template: z.string() }),
  // At most two at once to the same domain, however many wait: the others' mails do not wait behind them.
  concurrency: { perKey: { key: ({ to }) => to.split("@")[1] ?? null, limit: 2 } },
  async run(job) {
    console.log(`sent "${job.input.template}" to ${job.input.to}`);
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({
  store,
  fileStore,
  jobs: [sendMail],
  retention: { succeeded: { maxAgeMs: 7 * 24 * 3_600_000, maxCount: 10_000 } },
});
await manager.start();

await manager.queues.pause("mails", { actor: "dana", reason: "the template is wrong" });

const mail = (to: string, template: string) => ({ type: "send-mail", input: { to, template }, queue: "mails" });
const labels = { campaign: "spring" };
const people = Array.from({ length: 500 }, (_, n) => `person${n}@example.org`);
await manager.submitAll(people.map((to) => ({ ...mail(to, "spring-draft"), labels })));
await manager.submit({ ...mail("ada@example.com", "invoice"), priority: 10 });

const [queue] = await manager.queues.list();
console.log(`${queue?.waiting} mails wait: ${queue?.paused?.reason}`);

const [first] = (await manager.list({ label: "campaign:spring", order: "oldest", limit: 1 })).items;
if (first) {
  const corrected = { to: "person0@example.org", template: "spring" };
  const change = { input: corrected, priority: 5, labels: { campaign: "spring-corrected" } };
  await manager.edit(first.id, change, { actor: "dana", reason: "a first try" });
}

const filter = { label: "campaign:spring", state: ["queued"] } as const;
const counted = await manager.bulk({ action: "cancel", filter, dryRun: true });
console.log(`a cancel would stop ${counted.requested}`);
await manager.bulk({ action: "cancel", filter, reason: "the template is wrong" }, { actor: "dana" });

await manager.queues.edit("mails", { concurrency: 1, rateLimit: { max: 100, perMs: 60_000 } });
await manager.queues.resume("mails");
await manager.waitUntil(first?.id ?? "", "final");

const { states } = await manager.stats();
console.log(`succeeded: ${states.succeeded}, cancelled: ${states.cancelled}`);

await manager.stop();
await store.close();
await rm(directory, { recursive: true });
