// Rows of a database as a source, page by page behind a key, which any database serves from an index. Between two pages
// nothing is held open: no transaction, no connection, no cursor of the database.
import type { Json } from "../domain/json.ts";
import type { RecordSource } from "../ports/record-source.ts";
import { createCursorCheck } from "./cursor-check.ts";

export interface PagedOptions<T> {
  /**
   * Gives the first `limit` rows after the key `after`, in the key's order; `null`: from the first row. A page with fewer
   * rows is the last one, so leave rows out in the query and not behind it.
   */
  readonly fetch: (after: Json, limit: number) => readonly T[] | Promise<readonly T[]>;
  /** The row's key: JSON, not `null`, and another one for each row. */
  readonly cursorOf: (row: T) => Json;
  /** Rows a page. Default 500. */
  readonly pageSize?: number;
  /** How many rows there are in all, the done ones included; asked whenever the outermost loop starts or goes on. */
  readonly total?: () => number | Promise<number>;
}

const PAGE_SIZE = 500;

/**
 * The rows of a query, by keyset paging. A page is fetched when the one before has been handed out, not earlier.
 * The loop fails with a `TypeError` when `cursorOf` answers what JSON cannot hold
 * or the same twice in a row, and when a page does not get any further than the one before.
 *
 * @example
 * const users = pagedRecords({
 *   fetch: async (after, limit) =>
 *     (await pool.query("SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT $2", [after ?? 0, limit])).rows,
 *   cursorOf: (user) => user.id,
 * });
 * for await (const user of job.iterate(users)) await notify(user);
 */
export function pagedRecords<T>({ fetch, cursorOf, pageSize = PAGE_SIZE, total }: PagedOptions<T>): RecordSource<T> {
  if (!Number.isInteger(pageSize) || pageSize < 1)
    throw new RangeError(`pagedRecords: pageSize is ${pageSize}; use a whole number from 1.`);
  return {
    async *entries(_context, start) {
      const checked = createCursorCheck("pagedRecords", start);
      for (let after = start, isLast = false; !isLast; ) {
        const rows = await fetch(after, pageSize);
        const page = rows.map((item) => ({ item, cursor: checked(cursorOf(item)) }));
        const end = page.at(-1);
        if (!end) return;
        if (JSON.stringify(end.cursor) === JSON.stringify(after)) throw withoutAdvance(after);
        yield page;
        after = end.cursor;
        isLast = page.length < pageSize;
      }
    },
    total: async () => ({ total: (await total?.()) ?? null, unit: "rows" }),
  };
}

function withoutAdvance(after: Json): TypeError {
  return new TypeError(
    `pagedRecords: the page after the cursor ${JSON.stringify(after)} ends with that same cursor. Let \`fetch\` answer only rows whose key is greater than \`after\`.`,
  );
}
