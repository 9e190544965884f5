import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MinuteStats } from "../../../src/client/index.ts";
import { failedIn, gridTop, sumOf } from "./minutes.ts";

const minute = (given: Partial<MinuteStats> = {}): MinuteStats => ({
  at: "2026-01-17T12:00:00.000Z",
  submitted: 0,
  started: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  rolledBack: 0,
  rollbackFailed: 0,
  ...given,
});

describe("the chart of the last hour", () => {
  it("counts failed rollbacks among the failures", () => {
    assert.equal(failedIn(minute({ failed: 2, rollbackFailed: 1 })), 3);
    assert.equal(sumOf([minute({ failed: 2 }), minute({ rollbackFailed: 1 })], failedIn), 3);
  });

  it("has a grid of four lines at round numbers, below whose top all fits", () => {
    assert.equal(gridTop([]), 4);
    assert.equal(gridTop([minute({ succeeded: 30, failed: 6 })]), 40);
    assert.equal(gridTop([minute({ submitted: 41 })]), 80);
    for (const most of [1, 4, 5, 9, 99, 101, 2_000, 12_345]) {
      const top = gridTop([minute({ succeeded: most })]);
      assert.ok(top >= most && top % 4 === 0, `${most} below ${top}`);
    }
  });
});
