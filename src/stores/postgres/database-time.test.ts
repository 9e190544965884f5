// What is known of the database's time from what it said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createDatabaseTime } from "./database-time.ts";

function measured() {
  const clock = createFakeClock(0);
  const time = createDatabaseTime(clock);
  return {
    clock,
    /** It says that it is `now` in answer to a question that took so long. */
    hear(now: number, tookMs: number) {
      const askedAt = clock.monotonic();
      clock.advance(tookMs);
      time.heard(now, askedAt);
    },
    between: () => [time.now(), time.latest()],
  };
}

test("the time goes on from what was heard, and is known as closely as the answer was quick", () => {
  const { clock, hear, between } = measured();
  hear(1_000_000, 30);
  assert.deepEqual(between(), [1_000_000, 1_000_030]);
  clock.advance(500);
  assert.deepEqual(between(), [1_000_500, 1_000_530]);
});

test("a slow answer takes nothing from what a quick one told, and several tell more than one", () => {
  const { hear, between } = measured();
  hear(1_000_000, 2);
  hear(1_000_500, 2_000);
  assert.deepEqual(between(), [1_002_000, 1_002_002]);
  const other = measured();
  other.hear(1_000_000, 100);
  other.hear(1_000_140, 100);
  assert.deepEqual(other.between(), [1_000_140, 1_000_200]);
});

test("a clock that was set, either way, is believed at once", () => {
  const { hear, between } = measured();
  hear(1_000_000, 5);
  hear(1_600_000, 10);
  assert.deepEqual(between(), [1_600_000, 1_600_010]);
  hear(900_000, 10);
  assert.deepEqual(between(), [900_000, 900_010]);
});
