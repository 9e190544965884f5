import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "../support/wait-for.ts";
import { type ShippedJobs, startShippedJobs } from "./shipped-jobs.ts";

const LEAP = { from: "2024-02-28", to: "2024-03-01" };
/** A year whose days each take a moment, so that a request meets it in the middle. */
const YEAR = { from: "2023-01-01", to: "2023-12-31", dayMs: 2 };

const CALENDAR = [
  { from: "1900-02-28", to: "1900-03-01", lines: ["1900-02-28,Wednesday", "1900-03-01,Thursday"] },
  { from: "2000-02-28", to: "2000-02-29", lines: ["2000-02-28,Monday", "2000-02-29,Tuesday"] },
  { from: "2023-12-31", to: "2024-01-01", lines: ["2023-12-31,Sunday", "2024-01-01,Monday"] },
  { from: "0000-02-29", to: "0000-02-29", lines: ["0000-02-29,Tuesday"] },
  { from: "9999-12-31", to: "9999-12-31", lines: ["9999-12-31,Friday"] },
];
const TOO_LONG = [{ pointer: "/to", message: "must be at most 36525 days, both ends included" }];

const linesOf = async ({ artifactText }: ShippedJobs, id: string) =>
  (await artifactText(id, "days.csv")).trimEnd().split("\n");

const days = ({ pawl }: ShippedJobs, id: string, count: number) =>
  waitFor(async () => ((await pawl.manager.get(id))?.progress.done ?? 0) >= count, { what: `${count} days` });

function assertYear(lines: readonly string[]): void {
  assert.equal(lines.length, 366);
  assert.deepEqual(
    [lines[0], lines[1], lines[59], lines[60]],
    ["date,weekday", "2023-01-01,Sunday", "2023-02-28,Tuesday", "2023-03-01,Wednesday"],
  );
  assert.equal(lines[365], "2023-12-31,Sunday");
  assert.deepEqual(lines.slice(1), [...new Set(lines.slice(1))].toSorted());
}

test("it writes a line for each day, both ends included", async (t) => {
  const jobs = await startShippedJobs(t);
  const job = await jobs.run("day-export", { ...LEAP, dayMs: 0 });
  assert.deepEqual([job.state, job.output], ["succeeded", { days: 3 }]);
  const { done, total, unit } = job.progress;
  assert.deepEqual({ done, total, unit }, { done: 3, total: 3, unit: "days" });
  const text = "date,weekday\n2024-02-28,Wednesday\n2024-02-29,Thursday\n2024-03-01,Friday\n";
  assert.equal(await jobs.artifactText(job.id, "days.csv"), text);
});

test("a range of one day gives one line", async (t) => {
  const jobs = await startShippedJobs(t);
  const job = await jobs.run("day-export", { from: "2024-02-29", to: "2024-02-29", dayMs: 1 });
  assert.deepEqual(job.output, { days: 1 });
  assert.deepEqual(await linesOf(jobs, job.id), ["date,weekday", "2024-02-29,Thursday"]);
});

test("a century is accepted, and a day more is refused", async (t) => {
  const { pawl, submit } = await startShippedJobs(t);
  const { id } = await submit("day-export", { from: "1925-01-01", to: "2024-12-31", dayMs: 86_400_000 });
  const { progress } = await waitFor(
    async () => {
      const job = await pawl.manager.get(id);
      return job?.progress.total ? job : null;
    },
    { what: "the number of days" },
  );
  assert.equal(progress.total, 36_525);
  const refused = submit("day-export", { from: "1925-01-01", to: "2025-01-01" });
  await assert.rejects(refused, { code: "invalid_input", extras: { errors: TOO_LONG } });
});

test("the calendar has its leap years, and its weekdays, at every end", async (t) => {
  const jobs = await startShippedJobs(t);
  for (const { from, to, lines } of CALENDAR) {
    const { id, output } = await jobs.run("day-export", { from, to, dayMs: 0 });
    assert.deepEqual(await linesOf(jobs, id), ["date,weekday", ...lines]);
    assert.deepEqual(output, { days: lines.length });
  }
});

test("each day stands in the file once, however often the job is paused and crashes", async (t) => {
  const jobs = await startShippedJobs(t);
  const { id } = await jobs.submit("day-export", YEAR);
  await days(jobs, id, 20);
  await jobs.pawl.manager.pause(id);
  const paused = await jobs.pawl.manager.waitUntil(id, "paused");
  assert.ok(paused.progress.done < 365);
  await jobs.pawl.manager.resume(id);
  for (const more of [20, 60]) {
    await days(jobs, id, paused.progress.done + more);
    await jobs.pawl.crash();
  }
  assert.deepEqual((await jobs.pawl.manager.waitUntil(id, "final")).output, { days: 365 });
  assertYear(await linesOf(jobs, id));
});

test("a pause takes effect in the middle of a day that takes long", async (t) => {
  const { submit, pawl } = await startShippedJobs(t);
  const { id } = await submit("day-export", { ...LEAP, dayMs: 86_400_000 });
  await pawl.manager.waitUntil(id, "running");
  await pawl.manager.pause(id);
  assert.equal((await pawl.manager.waitUntil(id, "paused")).progress.done, 0);
});

test("a cancelled export has no file, leaves the files of others alone, and can be retried", async (t) => {
  const jobs = await startShippedJobs(t);
  const { manager } = jobs.pawl;
  const other = await jobs.run("day-export", { ...LEAP, dayMs: 0 });
  const { id } = await jobs.submit("day-export", YEAR);
  await days(jobs, id, 20);
  await manager.cancel(id);
  const cancelled = await manager.waitUntil(id, "final");
  assert.equal(cancelled.state, "cancelled");
  assert.ok(cancelled.progress.done < 365);
  assert.deepEqual(await manager.artifacts(id), []);
  assert.equal((await linesOf(jobs, other.id)).length, 4);
  await manager.retry(id);
  assert.deepEqual((await manager.waitUntil(id, "final")).output, { days: 365 });
  assertYear(await linesOf(jobs, id));
});

test("what is no range of days is refused before a job exists", async (t) => {
  const { submit } = await startShippedJobs(t);
  const refused: readonly object[] = [
    {},
    { from: "2024-02-28" },
    { from: "2024-03-01", to: "2024-02-28" },
    { from: "2023-02-29", to: "2023-03-01" },
    { from: "2024-2-28", to: "2024-03-01" },
    { from: "2024-02-28T00:00:00Z", to: "2024-03-01" },
    { from: "2024-02-28\n", to: "2024-03-01" },
    { from: "2019-Jan-01", to: "2019-Feb-01" },
    { from: "", to: "" },
    { from: "\u0662\u0660\u0662\u0664-02-28", to: "2024-03-01" },
    { from: 20240228, to: 20240301 },
    { from: ["2024-02-28"], to: "2024-03-01" },
    { from: "0000-01-01", to: "9999-12-31" },
    { ...LEAP, dayMs: -1 },
    { ...LEAP, dayMs: 0.5 },
    { ...LEAP, day: 1 },
  ];
  for (const input of refused)
    await assert.rejects(submit("day-export", input), { code: "invalid_input" }, JSON.stringify(input));
});
