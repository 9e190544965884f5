// Values in memory as a source. Its cursor is the number of items before it, so the array must be the same at every
// start.
import { PermanentError } from "../domain/interruption.ts";
import type { RecordSource } from "../ports/record-source.ts";

/** How many items a group holds: enough that a group's own cost does not count. */
const GROUP_ITEMS = 1_000;

/**
 * Goes through `items` in order. Rejects a cursor that no array gave out.
 *
 * @example
 * for await (const page of job.iterate(arraySource(["a", "b"]))) await fetchPage(page);
 */
export function arraySource<T>(items: readonly T[]): RecordSource<T> {
  return {
    async *entries(_context, cursor) {
      for (let from = startOf(cursor); from < items.length; from += GROUP_ITEMS) {
        yield items.slice(from, from + GROUP_ITEMS).map((item, index) => ({ item, cursor: from + index + 1 }));
      }
    },
    total: async () => ({ total: items.length, unit: "items" }),
  };
}

function startOf(cursor: unknown): number {
  if (cursor === null) return 0;
  if (typeof cursor === "number" && Number.isInteger(cursor) && cursor >= 0) return cursor;
  throw new PermanentError("The cursor is not one of an array. Run the job again from the start.", {
    code: "bad_cursor",
  });
}
