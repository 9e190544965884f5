// The rows of a dataset as a source: a picture of what was committed at one moment, in import order, read in pieces.
// Invariant: the picture is given whole or the reading fails; rows that came later are not in it, and rows of it that
// were removed meanwhile are noticed.
import type { DatabaseSync } from "node:sqlite";
import { type Json, PermanentError, type RecordSource } from "../index.ts";
import { importOfRow, rowId } from "./data-schema.ts";
import type { DatasetShape } from "./import-plan.ts";
import { numberOf, textOrNullOf, textsOf } from "./sql-row.ts";

/** What a dataset held at one moment: its imports, and how many rows of each. Small enough for a checkpoint. */
export interface DatasetPicture {
  readonly imports: readonly { readonly id: number; readonly rows: number }[];
  readonly rows: number;
  /** Imports among them that were not finished. */
  readonly unfinished: number;
  /** Rows to hold in memory at once, so that wide rows do not fill it. */
  readonly rowsAtOnce: number;
}

/** Days as YYYY-MM-DD, both included. */
export interface DayRange {
  readonly from?: string;
  readonly to?: string;
}

export interface DatasetReader {
  /** `null` when there is no such dataset. */
  picture(dataset: string): DatasetPicture | null;
  /**
   * The values of each row of the picture, in the order of the dataset's columns. Rows without a day are in no range.
   */
  rows(picture: DatasetPicture, range?: DayRange): RecordSource<readonly string[]>;
}

const MAX_ROWS_AT_ONCE = 1_000;
const BYTES_AT_ONCE = 512 * 1024;

export function createDatasetReader(
  database: DatabaseSync,
  shapeOf: (dataset: string) => DatasetShape | null,
): DatasetReader {
  // Served by the indexes on the dataset's name and on import (dataset_id, id).
  const imports = database.prepare(`
    SELECT import.id, rows, bytes, finished FROM import JOIN dataset ON dataset.id = dataset_id
    WHERE name = ? AND rows > 0 ORDER BY import.id`);
  // A walk over one range of the primary key.
  const rows = database.prepare('SELECT id, day, "values" FROM row WHERE id > ? AND id <= ? ORDER BY id');

  return {
    picture(dataset) {
      if (!shapeOf(dataset)) return null;
      const found = imports.all(dataset).map((row) => ({
        id: numberOf(row, "id"),
        rows: numberOf(row, "rows"),
        bytes: numberOf(row, "bytes"),
        finished: numberOf(row, "finished") === 1,
      }));
      const widest = Math.max(1, ...found.map((one) => one.bytes / one.rows));
      return {
        imports: found.map(({ id, rows: count }) => ({ id, rows: count })),
        rows: found.reduce((sum, one) => sum + one.rows, 0),
        unfinished: found.filter((one) => !one.finished).length,
        rowsAtOnce: Math.max(1, Math.min(MAX_ROWS_AT_ONCE, Math.floor(BYTES_AT_ONCE / widest))),
      };
    },
    rows: (picture, range = {}) => ({
      async *entries(_context, cursor) {
        const isIn = rangeTest(range);
        for (const { after, upTo } of piecesOf(picture, startOf(cursor))) {
          const found = rows.all(after, upTo);
          if (found.length !== upTo - after) throw datasetChanged();
          const group = found
            .filter((row) => isIn(textOrNullOf(row, "day")))
            .map((row) => ({ item: textsOf(row, "values"), cursor: numberOf(row, "id") }));
          if (group.length > 0) yield group;
          else await new Promise((resolve) => setImmediate(resolve)); // other days must not hold others up
        }
      },
      total: async () => ({
        total: range.from === undefined && range.to === undefined ? picture.rows : null,
        unit: "rows",
      }),
    }),
  };
}

/** Ranges of row ids, in order, behind a row's id. */
function* piecesOf(
  { imports, rowsAtOnce }: DatasetPicture,
  start: number,
): Generator<{ readonly after: number; readonly upTo: number }> {
  for (const { id, rows } of imports) {
    if (id < importOfRow(start)) continue;
    const last = rowId(id, rows);
    for (let after = Math.max(start, rowId(id, 0)); after < last; after += rowsAtOnce) {
      yield { after, upTo: Math.min(last, after + rowsAtOnce) };
    }
  }
}

function rangeTest({ from, to }: DayRange): (day: string | null) => boolean {
  if (from === undefined && to === undefined) return () => true;
  return (day) => day !== null && (from === undefined || day >= from) && (to === undefined || day <= to);
}

function startOf(cursor: Json): number {
  if (cursor === null) return 0;
  if (typeof cursor === "number") return cursor;
  throw new PermanentError("The cursor is not one of a dataset. Run the job again from the start.", {
    code: "bad_cursor",
  });
}

function datasetChanged(): PermanentError {
  return new PermanentError(
    "Rows of the dataset were removed while it was read, by the rollback of an import. Run the job again from the start.",
    {
      code: "dataset_changed",
    },
  );
}
