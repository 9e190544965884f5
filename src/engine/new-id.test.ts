import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../ports/clock.ts";
import { createIdSource } from "./new-id.ts";

const stoppedAt = (now: number): Clock => ({ now: () => now, monotonic: () => now, after: () => () => {} });

test("ids grow from one to the next, even when the clock stands still", () => {
  const newId = createIdSource(stoppedAt(1_700_000_000_000));
  const ids = Array.from({ length: 10_000 }, newId);
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids).size, ids.length);
});

test("ids keep growing when the clock is set back", () => {
  let now = 1_700_000_000_000;
  const newId = createIdSource({ ...stoppedAt(0), now: () => now });
  const before = newId();
  now -= 60_000;
  assert.ok(newId() > before);
});

test("an id is a UUID of version 7 that begins with its time", () => {
  const id = createIdSource(stoppedAt(0x018b_cfe5_6800))();
  assert.match(id, /^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("two sources do not give the same ids", () => {
  const [one, other] = [createIdSource(stoppedAt(1)), createIdSource(stoppedAt(1))];
  assert.notEqual(one(), other());
});
