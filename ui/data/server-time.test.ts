import assert from "node:assert/strict";
import { test } from "node:test";
import { differenceOf } from "./server-time.ts";

const HOUR_MS = 3_600_000;

test("a clock that agrees is left as it is, however long the reply took", () => {
  assert.equal(differenceOf({ at: 100_000, sentAt: 100_400, receivedAt: 100_450 }), 0);
  assert.equal(differenceOf({ at: 130_000, sentAt: 100_400, receivedAt: 160_000 }), 0);
  assert.equal(differenceOf({ at: 100_000, sentAt: 103_000, receivedAt: 103_050 }), 0);
});

test("a clock that is an hour wrong is set right to the second", () => {
  const told = { at: 10 * HOUR_MS, sentAt: 9 * HOUR_MS + 300, receivedAt: 9 * HOUR_MS + 350 };
  assert.ok(Math.abs(differenceOf(told) - HOUR_MS) < 1_000);
  assert.ok(Math.abs(differenceOf({ ...told, sentAt: 11 * HOUR_MS, receivedAt: 11 * HOUR_MS + 50 }) + HOUR_MS) < 1_000);
});
