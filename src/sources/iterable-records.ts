// Anything that can be iterated as a source: a database cursor, an API's pages, a queue. Its author says how to open it
// behind an item, which is all that a job needs to go on there.
import type { Json } from "../domain/json.ts";
import type { RecordSource } from "../ports/record-source.ts";
import { createCursorCheck } from "./cursor-check.ts";

type AnyIterable<T> = AsyncIterable<T> | Iterable<T>;

export interface IterableOptions<T> {
  /**
   * Gives the items after `after`, always in the same order; `null`: from the first one. Called once whenever the loop
   * starts or goes on. Its iterator is closed with `return()` when the loop ends early, however it ends.
   */
  readonly open: (after: Json) => AnyIterable<T> | Promise<AnyIterable<T>>;
  /** What stands for the item in `after`: JSON, not `null`, and another one for each item. */
  readonly cursorOf: (item: T) => Json;
  /** How many items there are in all, the done ones included; asked whenever the outermost loop starts or goes on. */
  readonly total?: () => number | Promise<number>;
}

/**
 * The items of an iterable, sync or async, that can be opened behind any of them. One item is taken at a time: nothing
 * is read ahead. The loop fails with a `TypeError` when `cursorOf` answers what JSON cannot hold, or the same twice in
 * a row.
 *
 * @example
 * const lines = iterableRecords({
 *   open: (after) => database.prepare("SELECT id, text FROM line WHERE id > ? ORDER BY id").iterate(Number(after ?? 0)),
 *   cursorOf: (line) => line.id,
 * });
 * for await (const line of job.iterate(lines)) await send(line);
 */
export function iterableRecords<T>({ open, cursorOf, total }: IterableOptions<T>): RecordSource<T> {
  return {
    async *entries(_context, start) {
      const checked = createCursorCheck("iterableRecords", start);
      for await (const item of await open(start)) yield [{ item, cursor: checked(cursorOf(item)) }];
    },
    total: async () => ({ total: (await total?.()) ?? null, unit: "items" }),
  };
}
