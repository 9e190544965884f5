// The ring of changes: what a reader who was away still gets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exampleSummary } from "../../src/api/examples.ts";
import { createChangeRing } from "../../src/http/change-ring.ts";
import { judge } from "../../src/http/job-filter.ts";
import type { JobChange } from "../../src/ports/notifier.ts";

const change = (id: string, type = "a"): JobChange => ({
  id,
  type,
  queue: "default",
  state: "running",
  phase: "forward",
});
const all = () => true;
const idsOf = (slice: { changes: ReadonlyMap<string, unknown> } | null) => slice && [...slice.changes.keys()];

test("each job that changed since a position is told once", () => {
  const ring = createChangeRing(8);
  for (const id of ["x", "y", "x", "z", "y"]) ring.push(change(id));
  assert.deepEqual(idsOf(ring.since(0, 10, all)), ["x", "y", "z"]);
  assert.deepEqual(idsOf(ring.since(3, 10, all)), ["z", "y"]);
  assert.deepEqual(idsOf(ring.since(ring.head, 10, all)), []);
});

test("what was overwritten is not known, and what has not happened is not either", () => {
  const ring = createChangeRing(4);
  for (let number = 0; number < 6; number += 1) ring.push(change(`j${number}`));
  assert.equal(ring.since(1, 10, all), null);
  assert.deepEqual(idsOf(ring.since(2, 10, all)), ["j2", "j3", "j4", "j5"]);
  assert.equal(ring.since(7, 10, all), null);
});

test("a slice is no larger than asked, and says where to go on", () => {
  const ring = createChangeRing(8);
  for (const id of ["a", "b", "c"]) ring.push(change(id, id));
  const first = ring.since(0, 2, all);
  assert.deepEqual([idsOf(first), first?.end], [["a", "b"], 2]);
  const rest = ring.since(first?.end ?? 0, 2, all);
  assert.deepEqual([idsOf(rest), rest?.end], [["c"], 3]);
  assert.deepEqual(idsOf(ring.since(0, 2, (each) => each.type === "c")), ["c"]);
});

test("after changes may have been missed, nobody is up to date", () => {
  const ring = createChangeRing(8);
  ring.push(change("a"));
  const before = ring.head;
  ring.forget();
  assert.equal(ring.since(before, 10, all), null);
  ring.push(change("b"));
  assert.deepEqual(idsOf(ring.since(ring.head - 1, 10, all)), ["b"]);
});

test("a job that matches in everything but its state has left the filter", () => {
  assert.equal(judge({}, exampleSummary), "shown");
  assert.equal(judge({ state: ["pausing"], type: ["csv-import"], queue: ["default"] }, exampleSummary), "shown");
  assert.equal(judge({ state: ["running"] }, exampleSummary), "left");
  assert.equal(judge({ state: ["running"], type: ["ticker"] }, exampleSummary), "foreign");
  assert.equal(judge({ label: "team:sales", key: "contacts-2025-11", q: "contacts" }, exampleSummary), "shown");
  assert.equal(judge({ q: exampleSummary.id.slice(0, 9) }, exampleSummary), "shown");
  assert.equal(judge({ label: "team:sale" }, exampleSummary), "foreign");
  assert.equal(judge({ q: "other" }, exampleSummary), "foreign");
});
