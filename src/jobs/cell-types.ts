// What the cells of a column may hold. Types only check: a value is kept as the text that stood in the file, so that it
// comes back the same. An empty cell fits every type.

export const CELL_TYPES = ["string", "integer", "number", "boolean", "date"] as const;
export type CellType = (typeof CELL_TYPES)[number];

const INTEGER = /^[+-]?\d+$/;
// Each text is read in one way only: with `\d+\.?\d*` a cell of a million digits and a letter would take half an hour.
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const BOOLEAN = /^(?:true|false|yes|no|1|0)$/i;
const TIME = "(?:[01]\\d|2[0-3]):[0-5]\\d:(?:[0-5]\\d|60)(?:\\.\\d+)?";
const DATE = new RegExp(`^(\\d{4})-(\\d{2})-(\\d{2})(?:[Tt ]${TIME}(?:[Zz]|[+-](?:[01]\\d|2[0-3]):[0-5]\\d))?$`);

/** What a cell of this type is, in a sentence that begins with "must be". */
export const CELL_TYPE_WORDS: Readonly<Record<CellType, string>> = {
  string: "any text",
  integer: "a whole number, such as -12",
  number: "a number, such as 3.25 or -1e6",
  boolean: "one of true, false, yes, no, 1, 0",
  date: "a date, such as 2024-02-29, or a date and time with offset, such as 2024-02-29T13:45:00Z",
};

export function fitsType(value: string, type: CellType): boolean {
  if (value === "") return true;
  switch (type) {
    case "string":
      return true;
    case "integer":
      return INTEGER.test(value);
    case "number":
      return NUMBER.test(value);
    case "boolean":
      return BOOLEAN.test(value);
    case "date":
      return dayOf(value) !== null;
  }
}

/**
 * The day of a date or an RFC 3339 date-time as YYYY-MM-DD, `null` when it is neither. The day of a date-time is the
 * one that is written there, whatever its offset: that is what its reader sees, and filters by.
 */
export function dayOf(value: string): string | null {
  const match = DATE.exec(value);
  if (!match) return null;
  const [, year = "", month = "", day = ""] = match;
  return Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month)) ? `${year}-${month}-${day}` : null;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  if (month === 4 || month === 6 || month === 9 || month === 11) return 30;
  return month >= 1 && month <= 12 ? 31 : 0;
}
