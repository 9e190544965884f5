// Schedules: a job every night in a time zone, and one every second that makes up for what it missed.
// Run it with `node examples/nightly-report.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, PawlError, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

const made: string[] = [];
const makeReport = defineJob({
  type: "make-report",
  input: z.strictObject({ of: z.string() }),
  async run(job) {
    made.push(job.labels.fireAt ?? "");
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const first = createManager({ store, fileStore, jobs: [makeReport] });
await first.start();

const nightly = await first.schedules.create({
  name: "nightly-sales",
  cron: "30 4 * * 1-5",
  timeZone: "Europe/Berlin",
  type: "make-report",
  input: { of: "sales" },
});
const inBerlin = new Intl.DateTimeFormat("de-DE", { timeZone: "Europe/Berlin", timeStyle: "short" });
console.log(`next: ${nightly.upcoming.map((time) => inBerlin.format(new Date(time))).join(", ")}`);

try {
  await first.schedules.edit("nightly-sales", { cron: "30 24 * * 1-5" });
} catch (error) {
  if (error instanceof PawlError) console.log(error.message);
}

await first.schedules.create({
  name: "each-second",
  cron: "* * * * * *",
  type: "make-report",
  input: { of: "the last second" },
  missed: "all",
  overlap: "queue",
});
await setTimeout(1_500);
await first.stop();
await setTimeout(3_000);

// As after a deploy that took three seconds: another process goes on with the same store.
const second = createManager({ store, fileStore, jobs: [makeReport] });
await second.start();
await setTimeout(1_500);
await second.schedules.edit("each-second", { paused: true });
const { last } = await second.schedules.get("each-second");
await second.waitUntil(last?.jobId ?? "", "final");

const times = made.map((time) => Date.parse(time));
const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
console.log(`a report every ${[...new Set(gaps)].join(" or ")} ms, through the restart`);

await second.stop();
await store.close();
await rm(directory, { recursive: true });
