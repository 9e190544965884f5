// The rows of a dataset as a source: a picture of what was committed at one moment, in import order, read in pieces.
// Invariant: the picture is given whole or the reading fails; rows that came later are not in it, and rows of it that
// were removed meanwhile are noticed.
import { type Json, PermanentError, type RecordSource } from "../../index.ts";
import type { Answer, DatasetPicture, DayRange } from "./data-store.ts";
import { importOfRow, rowId } from "./row-ids.ts";
import { numberOf, type StoredRow, textOrNullOf, textsOf } from "./stored-row.ts";

/** An import of a picture, with how long its values are, in characters. */
export interface PicturedImport {
  readonly id: number;
  readonly rows: number;
  readonly bytes: number;
  readonly finished: boolean;
}

/** Ids of rows: those behind `after`, up to `upTo`. */
export interface Piece {
  readonly after: number;
  readonly upTo: number;
}

const MAX_ROWS_AT_ONCE = 1_000;
const BYTES_AT_ONCE = 512 * 1024;

export function pictureOf(imports: readonly PicturedImport[]): DatasetPicture {
  const widest = Math.max(1, ...imports.map((one) => one.bytes / one.rows));
  return {
    imports: imports.map(({ id, rows }) => ({ id, rows })),
    rows: imports.reduce((sum, one) => sum + one.rows, 0),
    unfinished: imports.filter((one) => !one.finished).length,
    rowsAtOnce: Math.max(1, Math.min(MAX_ROWS_AT_ONCE, Math.floor(BYTES_AT_ONCE / widest))),
  };
}

/** Makes the source. `read` answers id, day and values of the rows that are there of a piece. */
export function datasetSource(
  picture: DatasetPicture,
  range: DayRange,
  read: (piece: Piece) => Answer<readonly StoredRow[]>,
): RecordSource<readonly string[]> {
  return {
    async *entries(_context, cursor) {
      const isIn = rangeTest(range);
      for (const piece of piecesOf(picture, startOf(cursor))) {
        const found = await read(piece);
        if (found.length !== piece.upTo - piece.after) throw datasetChanged();
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
  };
}

/** In order, behind a row's id. */
function* piecesOf({ imports, rowsAtOnce }: DatasetPicture, start: number): Generator<Piece> {
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
