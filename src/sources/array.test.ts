import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../domain/job.ts";
import type { SourceEntry } from "../ports/record-source.ts";
import { arraySource } from "./array.ts";

const context = { openFile: () => Promise.reject(new Error("an array needs no file")) };

async function after(items: readonly number[], cursor: Json) {
  const entries: SourceEntry<number>[] = [];
  for await (const group of arraySource(items).entries(context, cursor)) entries.push(...group);
  return entries;
}

test("items come in order, and each cursor gives exactly the rest", async () => {
  const items = Array.from({ length: 2_500 }, (_, n) => n * 2);
  const all = await after(items, null);
  assert.deepEqual(
    all.map((entry) => entry.item),
    items,
  );
  for (const index of [0, 999, 1_000, 2_499])
    assert.deepEqual(await after(items, all[index]?.cursor ?? null), all.slice(index + 1));
});

test("an array knows how many items it has", async () => {
  assert.deepEqual(await arraySource([1, 2, 3]).total?.(context), { total: 3, unit: "items" });
});

test("a cursor of another source is refused", async () => {
  await assert.rejects(after([1], { byte: 3 }), { code: "bad_cursor" });
});
