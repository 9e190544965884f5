import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { absolute, age, clockTime, duration, minuteTime, relative, roughly } from "./duration.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a duration", () => {
  const cases: readonly (readonly [ms: number, text: string])[] = [
    [-5, "0.0 s"],
    [0, "0.0 s"],
    [99, "0.0 s"],
    [420, "0.4 s"],
    [9_999, "9.9 s"],
    [10 * SECOND, "10 s"],
    [59_999, "59 s"],
    [MINUTE, "1 m 0 s"],
    [84 * SECOND, "1 m 24 s"],
    [HOUR - 1, "59 m 59 s"],
    [HOUR, "1 h 0 m"],
    [DAY - 1, "23 h 59 m"],
    [DAY, "1 d 0 h"],
    [400 * DAY + 5 * HOUR, "400 d 5 h"],
  ];
  for (const [ms, text] of cases) it(`of ${ms} ms is ${text}`, () => assert.equal(duration(ms), text));
});

describe("what still takes a while", () => {
  const cases: readonly (readonly [ms: number, text: string])[] = [
    [-1, "0 s"],
    [25_400, "25 s"],
    [59_499, "59 s"],
    // 60 s is never said: it is a minute.
    [59_600, "1 m"],
    [90 * SECOND, "2 m"],
    [59 * MINUTE + 40 * SECOND, "1 h"],
    [DAY - MINUTE, "1 d"],
    [36 * HOUR, "2 d"],
    [730 * DAY, "2 y"],
  ];
  for (const [ms, text] of cases) it(`of ${ms} ms is ${text}`, () => assert.equal(roughly(ms), text));
});

describe("an age", () => {
  const cases: readonly (readonly [ms: number, text: string])[] = [
    [-1, "0 s"],
    [59_999, "59 s"],
    // A minute is over after a minute, and not after half a one.
    [119 * SECOND, "1 m"],
    [HOUR - 1, "59 m"],
    [DAY - 1, "23 h"],
    [DAY, "1 d"],
    [729 * DAY, "1 y"],
  ];
  for (const [ms, text] of cases) it(`of ${ms} ms is ${text}`, () => assert.equal(age(ms), text));
});

describe("a moment", () => {
  const now = Date.UTC(2026, 0, 17, 12);

  it("is said relative to now, whether it is over or to come", () => {
    assert.equal(relative(now - 200, now), "now");
    assert.equal(relative(now + 999, now), "now");
    assert.equal(relative(now - 3 * MINUTE - 59 * SECOND, now), "3 m ago");
    assert.equal(relative(now + 2 * HOUR - 1, now), "in 2 h");
  });

  it("is said exactly with its year, its seconds and its zone", () => {
    assert.match(absolute(now), /2026/);
    assert.match(absolute(now), /:00/);
    assert.ok(absolute(now).length > clockTime(now).length);
    assert.ok(clockTime(now).length > minuteTime(now).length);
  });
});
