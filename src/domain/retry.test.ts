import { deepEqual, equal } from "node:assert/strict";
import { describe, it } from "node:test";
import { backoffMs, CRASH_BACKOFF, crashBackoffMs, DEFAULT_CRASH_LIMIT, DEFAULT_RETRY } from "./retry.ts";

describe("the wait after a failure", () => {
  const exponential = { kind: "exponential", baseMs: 1_000, maxMs: 60_000 } as const;

  it("doubles, half of it at random", () => {
    deepEqual(
      [1, 2, 3, 4].map((attempt) => [backoffMs(exponential, attempt, 0), backoffMs(exponential, attempt, 1)]),
      [
        [500, 1_000],
        [1_000, 2_000],
        [2_000, 4_000],
        [4_000, 8_000],
      ],
    );
  });

  it("has a limit, however many attempts there were", () => {
    equal(backoffMs(exponential, 2_000, 0.999_999), 60_000);
    equal(backoffMs({ kind: "fixed", baseMs: 90_000, maxMs: 60_000 }, 1, 0.5), 60_000);
  });

  it("is always the same when it is fixed", () => {
    const fixed = { kind: "fixed", baseMs: 250, maxMs: 60_000 } as const;
    deepEqual([backoffMs(fixed, 1, 0), backoffMs(fixed, 9, 0.9)], [250, 250]);
  });

  it("is three tries from one second to one hour by default", () => {
    deepEqual(DEFAULT_RETRY, { attempts: 3, backoff: { kind: "exponential", baseMs: 1_000, maxMs: 3_600_000 } });
  });
});

describe("the wait after a crash", () => {
  it("begins with the second, doubles, and has a limit", () => {
    deepEqual([0, 1, 2, 3, 4].map(crashBackoffMs), [0, 0, 1_000, 2_000, 4_000]);
    equal(crashBackoffMs(100), CRASH_BACKOFF.maxMs);
    equal(DEFAULT_CRASH_LIMIT, 5);
  });
});
