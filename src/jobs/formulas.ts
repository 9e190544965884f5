// Keeps a spreadsheet from running what stands in a cell: a text that it would take for a formula gets an apostrophe in
// front, which a spreadsheet does not show. Numbers and phone numbers cannot be formulas, and are never changed.

/** Spreadsheets run what begins like this; some look behind a leading tab, CR or other control character. */
const RUNS = /^[=+\-@\u0000-\u001f\u007f]/;
/** A sign, then digits and what stands between digits in numbers and phone numbers. No letter but an exponent's. */
const NUMBER_OR_PHONE = /^[+-] ?[\d(.][\d ().,'/\u00a0-]*(?:[eE][+-]?\d+)?%?$/;

export function defused(cell: string): string {
  return RUNS.test(cell) && !NUMBER_OR_PHONE.test(cell) ? `'${cell}` : cell;
}
