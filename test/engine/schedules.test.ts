// Firing schedules: on time, once, and what happens when a firing cannot be.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as z from "zod";
import { defineJob, type Manager, type NewSchedule } from "../../src/index.ts";
import { createFakeClock, type FakeClock } from "../../src/testing/fake-clock.ts";
import type { TestManager, TestManagerOptions } from "../../src/testing/test-manager.ts";
import { waitFor } from "../support/wait-for.ts";
import { createGate, type Gate, managerFor } from "./support.ts";

const START = Date.parse("2026-01-01T00:00:30Z");
const HOUR_MS = 3_600_000;

const report = defineJob({
  type: "report",
  input: z.strictObject({ name: z.string() }),
  run: async (job) => `${job.input.name} of ${job.labels.fireAt}`,
});

/** The same, running until `gate` opens or it is told to stop. */
const waiting = (gate: Gate) =>
  defineJob({
    type: "report",
    input: z.strictObject({ name: z.string() }),
    run: (job) => Promise.race([gate.passed, job.wait(24 * HOUR_MS)]),
  });

const HOURLY: NewSchedule = { name: "hourly", cron: "0 * * * *", type: "report", input: { name: "sales" } };

interface Scheduled {
  readonly pawl: TestManager;
  readonly clock: FakeClock;
}

async function start(t: TestContext, options: Partial<TestManagerOptions> = {}): Promise<Scheduled> {
  const clock = createFakeClock(START);
  const pawl = await managerFor(t, { jobs: [report], clock, ...options });
  return { pawl, clock };
}

/** When the firings were due for which there are jobs, oldest job first, without date and seconds. */
async function fired(manager: Manager, schedule = "hourly"): Promise<readonly string[]> {
  const times: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await manager.list({ label: `schedule:${schedule}`, order: "oldest", limit: 200, cursor });
    times.push(...page.items.map(({ labels }) => (labels.fireAt ?? "").slice(11, 16)));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return times;
}

/** Lets seconds pass, few of them, until so many jobs were submitted. */
async function untilFired({ pawl, clock }: Scheduled, count: number, schedule?: string): Promise<readonly string[]> {
  const times = await waitFor(
    async () => {
      clock.advance(1_000);
      const found = await fired(pawl.manager, schedule);
      return found.length >= count && found;
    },
    { what: `${count} firings` },
  );
  return times;
}

/** Lets the scheduler look at least once more: a schedule that was made just now has fired. */
async function settle(scheduled: Scheduled): Promise<void> {
  const name = `settle-${settled++}`;
  await scheduled.pawl.manager.schedules.create({ ...HOURLY, name, cron: "* * * * * *" });
  await untilFired(scheduled, 1, name);
  await scheduled.pawl.manager.schedules.remove(name);
}
let settled = 0;

test("a schedule submits its job at its times, and shows what it did and will do", async (t) => {
  const scheduled = await start(t);
  const { manager } = scheduled.pawl;
  const made = await manager.schedules.create({
    ...HOURLY,
    timeZone: "Asia/Kolkata",
    queue: "reports",
    priority: 5,
    labels: { team: "a" },
  });
  // Full hours of Kolkata are half hours of UTC.
  assert.equal(made.nextAt, "2026-01-01T00:30:00.000Z");
  assert.deepEqual(made.upcoming.slice(0, 2), ["2026-01-01T00:30:00.000Z", "2026-01-01T01:30:00.000Z"]);
  assert.deepEqual([made.upcoming.length, made.last, made.overlap, made.missed], [5, null, "skip", "one"]);
  scheduled.clock.advance(HOUR_MS / 2);
  await untilFired(scheduled, 1);
  const [job] = (await manager.list({ label: "schedule:hourly" })).items;
  assert.ok(job);
  assert.deepEqual([job.type, job.queue, job.priority], ["report", "reports", 5]);
  assert.deepEqual(job.labels, { team: "a", schedule: "hourly", fireAt: "2026-01-01T00:30:00.000Z" });
  assert.equal((await manager.history(job.id))[0]?.actor, "schedule:hourly");
  assert.equal((await manager.waitUntil(job.id, "final")).output, "sales of 2026-01-01T00:30:00.000Z");
  const { last, nextAt } = await manager.schedules.get("hourly");
  assert.deepEqual([last?.outcome, last?.jobId, last?.fireAt], ["fired", job.id, "2026-01-01T00:30:00.000Z"]);
  assert.equal(nextAt, "2026-01-01T01:30:00.000Z");
});

test("of missed firings the last one is made up for, however many there were", async (t) => {
  const scheduled = await start(t);
  const { pawl, clock } = scheduled;
  await pawl.manager.schedules.create({ ...HOURLY, name: "each-second", cron: "* * * * * *" });
  await pawl.manager.schedules.create(HOURLY);
  await pawl.manager.stop();
  const before = (await fired(pawl.manager, "each-second")).length;
  clock.advance(30 * 24 * HOUR_MS + 5 * HOUR_MS);
  await pawl.restart();
  assert.deepEqual(await untilFired(scheduled, 1), ["05:00"]);
  assert.equal((await pawl.manager.schedules.get("hourly")).nextAt, "2026-01-31T06:00:00.000Z");
  await pawl.manager.schedules.remove("each-second");
  const made = (await fired(pawl.manager, "each-second")).length - before;
  assert.ok(made >= 1 && made < 1_000, `${made} of 2,610,000`);
});

test("with missed all, each is made up for in order, exactly once, crashes in between or not", async (t) => {
  const scheduled = await start(t, { concurrency: 4 });
  const { pawl, clock } = scheduled;
  await pawl.manager.schedules.create({ ...HOURLY, cron: "* * * * *", missed: "all", overlap: "queue" });
  await pawl.manager.stop();
  clock.advance(150 * 60_000 - 30_000);
  await pawl.restart();
  for (const count of [20, 60, 110]) {
    await waitFor(async () => (await fired(pawl.manager)).length >= count, { what: `${count} firings` });
    await pawl.crash();
  }
  const times = await waitFor(
    async () => {
      const found = await fired(pawl.manager);
      return found.length >= 150 && found;
    },
    { what: "all firings" },
  );
  const expected = Array.from({ length: 150 }, (_, index) =>
    new Date(START + 30_000 + index * 60_000).toISOString().slice(11, 16),
  );
  assert.deepEqual(times, expected);
});

test("a schedule with much to make up for does not keep the others waiting", async (t) => {
  const scheduled = await start(t);
  const { pawl, clock } = scheduled;
  await pawl.manager.schedules.create({ ...HOURLY, name: "busy", cron: "*/10 * * * * *", missed: "all" });
  await pawl.manager.schedules.create(HOURLY);
  await pawl.manager.stop();
  clock.advance(24 * HOUR_MS);
  await pawl.restart();
  await untilFired(scheduled, 1);
  const { nextAt } = await pawl.manager.schedules.get("busy");
  assert.ok((nextAt ?? "") < "2026-01-01T12:00:00Z", `the busy one is at ${nextAt}`);
});

test("a firing is skipped while the last job is unfinished, paused or not", async (t) => {
  const gate = createGate();
  const scheduled = await start(t, { jobs: [waiting(gate)] });
  const { pawl, clock } = scheduled;
  await pawl.manager.schedules.create(HOURLY);
  clock.advance(HOUR_MS);
  await untilFired(scheduled, 1);
  clock.advance(HOUR_MS);
  const skipped = await waitFor(
    async () => {
      clock.advance(1_000);
      const { last } = await pawl.manager.schedules.get("hourly");
      return last?.outcome === "skipped" && last;
    },
    { what: "a skipped firing" },
  );
  assert.deepEqual([skipped.fireAt, skipped.jobId], ["2026-01-01T02:00:00.000Z", null]);
  gate.open();
  const [job] = (await pawl.manager.list({ label: "schedule:hourly" })).items;
  await pawl.manager.waitUntil(job?.id ?? "", "succeeded");
  clock.advance(HOUR_MS);
  assert.deepEqual(await untilFired(scheduled, 2), ["01:00", "03:00"]);
});

test("with overlap queue a firing waits for the last job, and those that wait become one or stay all", async (t) => {
  const gates = new Map<string, () => void>();
  const slow = defineJob({
    type: "report",
    input: z.object({ name: z.string() }),
    async run(job) {
      const gate = createGate();
      gates.set(job.input.name, gate.open);
      await Promise.race([gate.passed, job.wait(24 * HOUR_MS)]);
    },
  });
  const scheduled = await start(t, { jobs: [slow] });
  const { pawl, clock } = scheduled;
  const { schedules } = pawl.manager;
  await schedules.create({ ...HOURLY, overlap: "queue", input: { name: "one" } });
  await schedules.create({ ...HOURLY, name: "all", overlap: "queue", missed: "all", input: { name: "all" } });
  clock.advance(HOUR_MS);
  await untilFired(scheduled, 1);
  await untilFired(scheduled, 1, "all");
  clock.advance(3 * HOUR_MS);
  await settle(scheduled);
  assert.deepEqual([await fired(pawl.manager), await fired(pawl.manager, "all")], [["01:00"], ["01:00"]]);
  // An edit that leaves the time alone does not lose the firing that waits.
  assert.equal((await schedules.edit("hourly", { priority: 1 })).nextAt, "2026-01-01T02:00:00.000Z");

  await waitFor(async () => gates.has("one") && gates.has("all"), { what: "both jobs to run" });
  gates.get("one")?.();
  assert.deepEqual(await untilFired(scheduled, 2), ["01:00", "04:00"]);
  for (const [count, last] of [
    [2, "02:00"],
    [3, "03:00"],
    [4, "04:00"],
  ] as const) {
    await waitFor(async () => gates.has("all"), { what: "the job to run" });
    gates.get("all")?.();
    gates.delete("all");
    assert.equal((await untilFired(scheduled, count, "all")).at(-1), last);
  }
  for (const open of gates.values()) open();
});

test("with overlap queue a job that an operator paused holds the next firing until it is done", async (t) => {
  const gate = createGate();
  const scheduled = await start(t, { jobs: [waiting(gate)] });
  const { pawl, clock } = scheduled;
  await pawl.manager.schedules.create({ ...HOURLY, overlap: "queue", missed: "all" });
  clock.advance(HOUR_MS);
  await untilFired(scheduled, 1);
  const [first] = (await pawl.manager.list({ label: "schedule:hourly" })).items;
  assert.ok(first);
  await pawl.manager.waitUntil(first.id, "running");
  await pawl.manager.pause(first.id);
  await pawl.manager.waitUntil(first.id, "paused");
  clock.advance(HOUR_MS);
  await pawl.crash();
  await settle(scheduled);
  assert.deepEqual(await fired(pawl.manager), ["01:00"]);
  gate.open();
  await pawl.manager.resume(first.id);
  assert.deepEqual(await untilFired(scheduled, 2), ["01:00", "02:00"]);
});

test("a clock that is set back fires nothing twice, and one that is set forward makes up for what it jumped over", async (t) => {
  const scheduled = await start(t);
  const { pawl, clock } = scheduled;
  await pawl.manager.schedules.create({ ...HOURLY, missed: "all", overlap: "queue" });
  clock.advance(2 * HOUR_MS);
  await untilFired(scheduled, 2);
  clock.setNow(START);
  clock.advance(2 * HOUR_MS);
  await settle(scheduled);
  assert.deepEqual(await fired(pawl.manager), ["01:00", "02:00"]);
  clock.setNow(START);
  const edited = await pawl.manager.schedules.edit("hourly", { cron: "0,30 * * * *" });
  assert.equal(edited.nextAt, "2026-01-01T02:30:00.000Z", "after what fired already");
  clock.setNow(START + 4 * HOUR_MS);
  clock.advance(30_000);
  assert.deepEqual((await untilFired(scheduled, 6)).slice(2), ["02:30", "03:00", "03:30", "04:00"]);
});

test("a paused schedule fires nothing, and what it misses is not made up for", async (t) => {
  const scheduled = await start(t);
  const { pawl, clock } = scheduled;
  await pawl.manager.schedules.create({ ...HOURLY, missed: "all" });
  const paused = await pawl.manager.schedules.edit("hourly", { paused: true });
  assert.deepEqual([paused.nextAt, paused.upcoming], [null, []]);
  clock.advance(3 * HOUR_MS);
  await settle(scheduled);
  const resumed = await pawl.manager.schedules.edit("hourly", { paused: false });
  assert.equal(resumed.nextAt, "2026-01-01T04:00:00.000Z");
  await settle(scheduled);
  assert.deepEqual(await fired(pawl.manager), []);
});

test("a firing whose input the type refuses is recorded with the reason, and the schedule goes on", async (t) => {
  const scheduled = await start(t);
  const { pawl, clock } = scheduled;
  await pawl.manager.schedules.create(HOURLY);
  const strict = { ...report, input: z.strictObject({ name: z.string().min(10) }) };
  await pawl.restart({ jobs: [strict] });
  clock.advance(HOUR_MS);
  const { last } = await waitFor(
    async () => {
      clock.advance(1_000);
      const schedule = await pawl.manager.schedules.get("hourly");
      return schedule.last && schedule;
    },
    { what: "a refused firing" },
  );
  assert.deepEqual([last?.outcome, last?.jobId], ["refused", null]);
  assert.match(last?.message ?? "", /does not fit the job type "report": \/name/);
  await pawl.manager.schedules.edit("hourly", { input: { name: "long enough" } });
  clock.advance(HOUR_MS);
  assert.deepEqual(await untilFired(scheduled, 1), ["02:00"]);
});

/** A logger that keeps the messages about schedules. */
function listening() {
  const messages: string[] = [];
  const hear = (_: object, message: string) => void (message.includes("schedule") && messages.push(message));
  return { messages, logger: { debug: hear, info: hear, warn: hear, error: hear } };
}

test("a firing whose group or queue has no room waits until there is, and is not lost", async (t) => {
  const gate = createGate();
  const { messages, logger } = listening();
  const exclusive = { ...waiting(gate), exclusive: ({ name }: { name: string }) => name };
  const scheduled = await start(t, { jobs: [exclusive], queueLimit: 1, logger });
  const { pawl, clock } = scheduled;
  const submit = (name: string, queue: string) => pawl.manager.submit({ type: "report", input: { name }, queue });
  const holder = await submit("taken", "default");
  await pawl.manager.queues.pause("full");
  const filler = await submit("filler", "full");
  await pawl.manager.schedules.create({ ...HOURLY, input: { name: "taken" } });
  await pawl.manager.schedules.create({ ...HOURLY, name: "crowded", queue: "full" });
  clock.advance(HOUR_MS);
  await waitFor(
    async () => {
      clock.advance(1_000);
      return messages.length >= 2;
    },
    { what: "both to be told" },
  );
  assert.equal(messages[0], "A schedule's job has to wait; it is tried again.");
  assert.deepEqual([await fired(pawl.manager), await fired(pawl.manager, "crowded")], [[], []]);
  gate.open();
  await pawl.manager.waitUntil(holder.id, "succeeded");
  await pawl.manager.cancel(filler.id);
  assert.deepEqual(await untilFired(scheduled, 1), ["01:00"]);
  assert.deepEqual(await untilFired(scheduled, 1, "crowded"), ["01:00"]);
});

test("a schedule of a type that this process does not know is left alone until one does, and told once", async (t) => {
  const { messages, logger } = listening();
  const scheduled = await start(t, { logger });
  const { pawl, clock } = scheduled;
  await pawl.manager.schedules.create({ ...HOURLY, missed: "all", overlap: "queue" });
  await pawl.restart({ jobs: [] });
  assert.equal((await pawl.manager.schedules.get("hourly")).input, "[secret]");
  clock.advance(2 * HOUR_MS);
  clock.advance(60_000);
  await waitFor(async () => messages.length > 0, { what: "the warning" });
  assert.deepEqual(await fired(pawl.manager), []);
  await pawl.restart();
  assert.deepEqual(await untilFired(scheduled, 2), ["01:00", "02:00"]);
  assert.deepEqual(messages, ["A schedule is left to other processes: this one does not know its type."]);
});

test("an edit from skip to queue after a skipped firing waits for the job that is at work", async (t) => {
  const gate = createGate();
  const scheduled = await start(t, { jobs: [waiting(gate)] });
  const { pawl, clock } = scheduled;
  const { schedules } = pawl.manager;
  await schedules.create(HOURLY);
  clock.advance(HOUR_MS);
  await untilFired(scheduled, 1);
  clock.advance(HOUR_MS);
  await waitFor(
    async () => {
      clock.advance(1_000);
      return (await schedules.get("hourly")).last?.outcome === "skipped";
    },
    { what: "a skipped firing" },
  );
  await schedules.edit("hourly", { overlap: "queue" });
  clock.advance(HOUR_MS);
  await settle(scheduled);
  assert.deepEqual(await fired(pawl.manager), ["01:00"]);
  gate.open();
  assert.deepEqual(await untilFired(scheduled, 2), ["01:00", "03:00"]);
});
