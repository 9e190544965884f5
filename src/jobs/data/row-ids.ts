// Ids of rows: the import's id times 2^32 plus the row's number in the import, from 1. So rows of an import lie together in
// their table, and adding, reading in order and deleting are each one walk over one range of the primary key.
import { PawlError } from "../../index.ts";

const ROWS_PER_IMPORT = 2 ** 32;

/** The id of the row with this number, from 1, of an import. */
export const rowId = (importId: number, number: number): number => importId * ROWS_PER_IMPORT + number;

export const importOfRow = (id: number): number => Math.floor(id / ROWS_PER_IMPORT);

const POSITION = /^\d{1,16}$/;

/** The id that a page begins behind, 0 for the first page. Throws `invalid_request`. */
export function idBefore(after: string | null, what: "row" | "team"): number {
  if (after === null) return 0;
  if (POSITION.test(after) && Number.isSafeInteger(Number(after))) return Number(after);
  throw new PawlError(
    "invalid_request",
    `"${after}" is not the position of a ${what}. Pass the \`position\` of the last ${what} that you got.`,
  );
}
