import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCron, readCron } from "./cron.ts";

const at = (text: string) => Date.parse(text);
const iso = (times: readonly number[]) => times.map((time) => new Date(time).toISOString().replace(".000Z", "Z"));

/** The firings in Berlin, step by step as the scheduler takes them. */
function firings(expression: string, after: string, count: number): readonly string[] {
  const timetable = readCron(expression, "Europe/Berlin");
  const times: number[] = [];
  for (let last = at(after); times.length < count; last = times.at(-1) ?? last) {
    const next = timetable.after(last);
    assert.ok(next !== null && next > last);
    times.push(next);
  }
  assert.deepEqual(times, timetable.next(count, at(after)));
  return iso(times);
}

// On 29 March 2026 Berlin's clocks go from 02:00 to 03:00, which is 01:00 UTC.
test("a time of day that summer time skips fires right after the gap, and never twice", () => {
  assert.deepEqual(firings("30 2 * * *", "2026-03-28T12:00:00Z", 2), ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
  assert.deepEqual(firings("0,30 2 * * *", "2026-03-28T12:00:00Z", 2), [
    "2026-03-29T01:00:00Z",
    "2026-03-30T00:00:00Z",
  ]);
});

test("an expression with steps leaves out what summer time skips, and one for every hour has no gap", () => {
  assert.deepEqual(firings("*/20 2 * * *", "2026-03-28T12:00:00Z", 1), ["2026-03-30T00:00:00Z"]);
  assert.deepEqual(firings("0 * * * *", "2026-03-28T23:30:00Z", 3), [
    "2026-03-29T00:00:00Z",
    "2026-03-29T01:00:00Z",
    "2026-03-29T02:00:00Z",
  ]);
});

// On 25 October 2026 they go from 03:00 back to 02:00, which is 01:00 UTC: 02:30 is there twice.
test("a time of day that occurs twice in autumn fires once, at the first", () => {
  assert.deepEqual(firings("30 2 * * *", "2026-10-24T12:00:00Z", 2), ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
  assert.deepEqual(firings("30 2,14 * * *", "2026-10-24T20:00:00Z", 2), [
    "2026-10-25T00:30:00Z",
    "2026-10-25T13:30:00Z",
  ]);
});

test("an expression with steps fires in both of the hours that are the same in autumn", () => {
  assert.deepEqual(firings("*/30 * * * *", "2026-10-25T00:00:00Z", 4), [
    "2026-10-25T00:30:00Z",
    "2026-10-25T01:00:00Z",
    "2026-10-25T01:30:00Z",
    "2026-10-25T02:00:00Z",
  ]);
});

test("the last firing until a moment includes the moment, across both changes of the clock", () => {
  for (const expression of ["30 2 * * *", "*/30 * * * *", "0,30 2 * * *"]) {
    const timetable = readCron(expression, "Europe/Berlin");
    for (const from of ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"]) {
      for (const time of timetable.next(60, at(from))) {
        assert.equal(timetable.lastUntil(time), time);
        assert.equal(timetable.after(timetable.lastUntil(time - 1) ?? 0), time);
      }
    }
  }
});

test("of two restricted day fields either one fires, and L is the last day of the month", () => {
  assert.deepEqual(firings("0 12 15 * MON", "2026-06-09T00:00:00Z", 3), [
    "2026-06-15T10:00:00Z",
    "2026-06-22T10:00:00Z",
    "2026-06-29T10:00:00Z",
  ]);
  assert.deepEqual(firings("0 12 16 6 MON", "2026-06-14T00:00:00Z", 2), [
    "2026-06-15T10:00:00Z",
    "2026-06-16T10:00:00Z",
  ]);
  assert.deepEqual(firings("0 12 L * *", "2026-02-01T00:00:00Z", 1), ["2026-02-28T11:00:00Z"]);
});

test("six fields begin with seconds", () => {
  const timetable = readCron("*/10 * * * * *", "UTC");
  assert.deepEqual(iso(timetable.next(2, at("2026-01-01T00:00:05.500Z"))), [
    "2026-01-01T00:00:10Z",
    "2026-01-01T00:00:20Z",
  ]);
});

test("what is wrong with an expression is named, with what would fit", () => {
  const cases = [
    ["", /has neither five nor six fields\. Write five \(minute, .* "30 2 \* \* 1-5"/],
    ["* * * *", /has neither five nor six/],
    ["0 0 1 1 * 2030 *", /has neither five nor six/],
    ["@daily", /has neither five nor six/],
    ["2026-01-01T00:00:00Z", /has neither five nor six/],
    ["61 * * * *", /its minute is "61"\. Use 0 to 59/],
    ["0 25 * * *", /its hour is "25"\. Use 0 to 23/],
    ["0 0 * 13 *", /its month is "13"\. Use 1 to 12/],
    ["60 * * * * *", /its second is "60"/],
    ["0 0 * * monday", /its day of week is "monday"\. Use 0 to 7/],
    ["*/0 * * * *", /its minute is "\*\/0"/],
    ["0 0 30 2 *", /never fires: there is no such day/],
  ] as const;
  for (const [expression, message] of cases) {
    assert.throws(() => checkCron(expression, "UTC", at("2026-01-01T00:00:00Z")), { code: "invalid_request", message });
  }
});

test("a time zone that does not exist is refused with an example", () => {
  for (const timeZone of ["Berlin", "Europe/Atlantis", ""]) {
    assert.throws(() => readCron("0 0 * * *", timeZone), { code: "invalid_request", message: /such as UTC or Europe/ });
  }
});
