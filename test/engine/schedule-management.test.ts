// Making, changing and deleting schedules.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineJob, fileRef, type Manager, type NewSchedule } from "../../src/index.ts";
import { waitFor } from "../support/wait-for.ts";
import { managerFor } from "./support.ts";

const report = defineJob({
  type: "report",
  input: z.strictObject({ name: z.string(), token: z.string().optional() }),
  secret: ["token"],
  run: async (job) => `${job.input.name} ${job.input.token?.length ?? ""}`,
});
const reader = defineJob({
  type: "reader",
  input: z.object({ file: fileRef().optional() }),
  run: async () => "read",
});

/** The first job of the schedule, once there is one. */
const untilFired = (manager: Manager) =>
  waitFor(async () => (await manager.list({ label: "schedule:yearly", order: "oldest" })).items[0], {
    what: "the first job",
  });

const YEARLY: NewSchedule = { name: "yearly", cron: "0 0 1 1 *", type: "report", input: { name: "sales" } };

test("schedules are listed by name, and survive a crash", async (t) => {
  const pawl = await managerFor(t, { jobs: [report] });
  for (const name of ["b", "a", "c"]) await pawl.manager.schedules.create({ ...YEARLY, name });
  await pawl.crash();
  const listed = await pawl.manager.schedules.list();
  assert.deepEqual(
    listed.map(({ name }) => name),
    ["a", "b", "c"],
  );
  assert.deepEqual(listed[0], await pawl.manager.schedules.get("a"));
});

test("what is left out of an edit stays", async (t) => {
  const { manager } = await managerFor(t, { jobs: [report] });
  const made = await manager.schedules.create({ ...YEARLY, queue: "reports", labels: { team: "a" }, priority: 3 });
  const edited = await manager.schedules.edit("yearly", { overlap: "queue", labels: {} });
  assert.deepEqual(edited, { ...made, overlap: "queue", labels: {}, updatedAt: edited.updatedAt });
});

test("a new time takes effect at once, and what does not change the time leaves the next firing alone", async (t) => {
  const { manager } = await managerFor(t, { jobs: [report] });
  const made = await manager.schedules.create(YEARLY);
  assert.equal((await manager.schedules.edit("yearly", { priority: 1 })).nextAt, made.nextAt);
  const edited = await manager.schedules.edit("yearly", { cron: "0 12 1 1 *", timeZone: "Asia/Tokyo" });
  assert.match(edited.nextAt ?? "", /-01-01T03:00:00.000Z$/);
  assert.deepEqual(edited.upcoming[0], edited.nextAt);
});

test("a secret of the input is not shown, and stays when it is given back as shown", async (t) => {
  const { manager } = await managerFor(t, { jobs: [report] });
  const input = { name: "sales", token: "hunter22-hunter23" };
  const made = await manager.schedules.create({ ...YEARLY, input });
  assert.deepEqual(made.input, { name: "sales", token: "[secret]" });
  const change = { cron: "* * * * * *", input: { name: "costs", token: "[secret]" } };
  assert.deepEqual((await manager.schedules.edit("yearly", change)).input, change.input);
  const job = await untilFired(manager);
  assert.equal((await manager.waitUntil(job.id, "final")).output, "costs 17");
});

test("a new type needs an input of its own, and gets no secret of the old one", async (t) => {
  const note = defineJob({ type: "note", input: report.input, run: async (job) => job.input.token ?? "" });
  const { manager } = await managerFor(t, { jobs: [report, note] });
  await manager.schedules.create({ ...YEARLY, input: { name: "sales", token: "hunter22-hunter23" } });
  await assert.rejects(manager.schedules.edit("yearly", { type: "note" }), {
    code: "invalid_request",
    message: "A new type needs an input of its own: give input too.",
  });
  await manager.schedules.edit("yearly", { type: "report", priority: 1 });
  const change = { type: "note", cron: "* * * * * *", input: { name: "costs", token: "[secret]" } };
  assert.deepEqual((await manager.schedules.edit("yearly", change)).input, change.input);
  const job = await untilFired(manager);
  assert.equal((await manager.waitUntil(job.id, "final")).output, "[secret]");
});

test("what cannot be scheduled is refused with the reason", async (t) => {
  const { manager } = await managerFor(t, { jobs: [report, reader] });
  const file = "019aa5d0-6f3a-4c55-9d1e-2f6f0c8b7a11";
  const cases: readonly [Partial<NewSchedule>, string, RegExp][] = [
    [{ name: "no spaces" }, "invalid_request", /letters, digits/],
    [{ name: "" }, "invalid_request", /letters, digits/],
    [{ name: "n".repeat(101) }, "invalid_request", /1 to 100/],
    [{ cron: "61 * * * *" }, "invalid_request", /minute is "61"/],
    [{ cron: "0 0 30 2 *" }, "invalid_request", /never fires/],
    [{ timeZone: "Mars/Base" }, "invalid_request", /no time zone/],
    [{ type: "raport" }, "unknown_job_type", /raport/],
    [{ input: { name: 1 } }, "invalid_input", /name/],
    [{ input: { name: () => 1 } }, "invalid_input", /function/],
    [{ type: "reader", input: { file } }, "invalid_input", /uploaded file/],
    [{ overlap: "maybe" as "skip" }, "invalid_request", /overlap is "maybe"/],
    [{ missed: "some" as "one" }, "invalid_request", /missed is "some"/],
    [{ priority: 0.5 }, "invalid_request", /priority/],
    [{ queue: "" }, "invalid_request", /queue/],
    [{ labels: { "a:b": "c" } }, "invalid_request", /labels/],
  ];
  for (const [part, code, message] of cases) {
    const what = JSON.stringify(part);
    await assert.rejects(manager.schedules.create({ ...YEARLY, ...part }), { code, message }, what);
    if (part.name !== undefined) continue;
    await manager.schedules.create(YEARLY);
    await assert.rejects(manager.schedules.edit("yearly", part), { code, message }, what);
    await manager.schedules.remove("yearly");
  }
  assert.deepEqual(await manager.schedules.list(), []);
});

test("a name is taken once, and a schedule that does not exist is not found", async (t) => {
  const { manager } = await managerFor(t, { jobs: [report] });
  await manager.schedules.create(YEARLY);
  await assert.rejects(manager.schedules.create(YEARLY), { code: "name_taken", message: /"yearly" already/ });
  await manager.schedules.remove("yearly");
  for (const attempt of [
    () => manager.schedules.get("yearly"),
    () => manager.schedules.edit("yearly", { priority: 1 }),
    () => manager.schedules.remove("yearly"),
  ]) {
    await assert.rejects(attempt, { code: "not_found", message: 'There is no schedule "yearly".' });
  }
});

test("of two edits at the same time none is lost unnoticed", async (t) => {
  const { manager } = await managerFor(t, { jobs: [report] });
  await manager.schedules.create(YEARLY);
  const edits = [manager.schedules.edit("yearly", { priority: 1 }), manager.schedules.edit("yearly", { paused: true })];
  const [priority, paused] = await Promise.allSettled(edits);
  for (const edit of [priority, paused]) {
    if (edit?.status === "rejected") assert.equal(edit.reason.code, "changed_meanwhile");
  }
  const after = await manager.schedules.get("yearly");
  assert.equal(after.priority, priority?.status === "fulfilled" ? 1 : 0);
  assert.equal(after.paused, paused?.status === "fulfilled");
  assert.ok(priority?.status === "fulfilled" || paused?.status === "fulfilled");
});

test("a schedule that was deleted leaves its jobs, and one of the same name begins anew", async (t) => {
  const { manager } = await managerFor(t, { jobs: [report] });
  await manager.schedules.create({ ...YEARLY, cron: "* * * * * *" });
  const job = await untilFired(manager);
  await manager.schedules.remove("yearly");
  assert.equal((await manager.waitUntil(job.id, "final")).output, "sales ");
  const again = await manager.schedules.create(YEARLY);
  assert.equal(again.last, null);
});
