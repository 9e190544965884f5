// What the text of a cell becomes in Parquet. Invariant: a value means what the cell says, or it is told what was lost,
// or there is none and the export ends. An empty cell is `null`, whatever the column's type.
import type { SchemaElement } from "hyparquet-writer";
import type { DatasetColumn } from "./import-plan.ts";

export type ParquetValue = string | bigint | number | boolean | null;

/** What a cell said that its value does not. */
export type Loss = "digits" | "fraction" | "leap second" | "no time";

/** What is done with it, after "the cell in column". */
export const LOSS_WORDS: Readonly<Record<Loss, string>> = {
  digits: "has more digits than a 64-bit floating-point number keeps: it is written as the nearest one",
  fraction: "is finer than a microsecond: the rest is cut off",
  "leap second": "is in a leap second: it is written as the second after it",
  "no time": "has no time, while others of its column have one: it is written as midnight, UTC",
};

export interface ParquetColumn {
  readonly element: SchemaElement;
  /** What its values are, in a few words. */
  readonly holds: string;
  /** Whether the footer tells the smallest and the largest value of each row group. */
  readonly ranged: boolean;
  /** `undefined`: the type cannot hold what the cell says. */
  readonly convert: (cell: string) => ParquetValue | undefined;
}

export interface ColumnOptions {
  /** A date column some of whose cells have a time: it becomes a column of moments. */
  readonly timed: boolean;
  readonly onLoss: (loss: Loss, cell: string) => void;
}

type Convert = (cell: string) => ParquetValue | undefined;

const DAY_MS = 86_400_000;
/** A date without a time has this length, one with a time is longer. */
const DAY_LENGTH = "2024-02-29".length;

/** Whether the cell of a date column has a time. */
export const hasTime = (cell: string): boolean => cell.length > DAY_LENGTH;

export function parquetColumn({ name, type }: DatasetColumn, { timed, onLoss }: ColumnOptions): ParquetColumn {
  switch (type) {
    case "string":
      return column({ element: { name, ...TEXT }, holds: "text", ranged: false, convert: (cell) => cell });
    case "integer":
      return column({ element: { name, type: "INT64" }, holds: "64-bit integers", ranged: true, convert: integerOf });
    case "number":
      return column({
        element: { name, type: "DOUBLE" },
        holds: "64-bit floating-point numbers",
        ranged: true,
        convert: numberReader(onLoss),
      });
    case "boolean":
      return column({ element: { name, type: "BOOLEAN" }, holds: "booleans", ranged: false, convert: booleanOf });
    case "date":
      return timed
        ? column({ element: { name, ...MOMENT }, holds: "moments", ranged: true, convert: momentReader(onLoss) })
        : column({ element: { name, ...DAY }, holds: "days", ranged: true, convert: dayNumberOf });
  }
}

// Both the old and the new way to name a type, for old and new readers.
const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } } as const;
const DAY = { type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } } as const;
const MOMENT = {
  type: "INT64",
  converted_type: "TIMESTAMP_MICROS",
  logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
} as const;

const column = ({ element, convert, ...rest }: ParquetColumn): ParquetColumn => ({
  ...rest,
  element: { ...element, repetition_type: "OPTIONAL" },
  convert: (cell) => (cell === "" ? null : convert(cell)),
});

const booleanOf: Convert = (cell) => /^(?:true|yes|1)$/i.test(cell);

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const INT64_DIGITS = 19;

const integerOf: Convert = (cell) => {
  // Zeros first: the time that BigInt takes grows with the square of the digits.
  const digits = cell.replace(/^[+-]?0*/, "");
  if (digits.length > INT64_DIGITS) return undefined;
  const value = cell.startsWith("-") ? -BigInt(digits) : BigInt(digits);
  return value >= MIN_INT64 && value <= MAX_INT64 ? value : undefined;
};

/** Every number of so many characters without an exponent comes back from a 64-bit floating-point number. */
const SAFE_LENGTH = 15;

function numberReader(onLoss: ColumnOptions["onLoss"]): Convert {
  return (cell) => {
    const value = Number(cell) + 0; // a column that holds 0 and -0 would depend on which came first
    if (!Number.isFinite(value)) return undefined;
    const isShort = cell.length <= SAFE_LENGTH && !/e/i.test(cell);
    if (!isShort && decimalOf(cell) !== decimalOf(String(value))) onLoss("digits", cell);
    return value;
  };
}

/** The digits of a number without outer zeros, and the power of ten of the last: the same for all ways to write it. */
function decimalOf(text: string): string {
  const [, whole = "", fraction = "", exponent = "0"] = /^[+-]?(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  // Not by /0+$/, which tries anew at each zero: a cell of a million zeros would hold the server up.
  let length = digits.length;
  while (digits[length - 1] === "0") length -= 1;
  if (length === 0) return "0";
  return `${digits.slice(0, length)}e${Number(exponent) - fraction.length + digits.length - length}`;
}

const dayNumberOf: Convert = (cell) => {
  const ms = Date.parse(`${cell}T00:00:00Z`);
  return Number.isNaN(ms) ? undefined : ms / DAY_MS;
};

const MOMENT_TEXT = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2})))?$/;
const MICRO_DIGITS = 6;

function momentReader(onLoss: ColumnOptions["onLoss"]): Convert {
  return (cell) => {
    const match = MOMENT_TEXT.exec(cell);
    if (!match) return undefined;
    const [, day, hour, minute = "0", second = "0", fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = match;
    if (hour === undefined) onLoss("no time", cell);
    if (second === "60") onLoss("leap second", cell);
    if (/[1-9]/.test(fraction.slice(MICRO_DIGITS))) onLoss("fraction", cell);
    const offsetMinutes = (sign === "-" ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute));
    const minutes = Number(hour ?? 0) * 60 + Number(minute) - offsetMinutes;
    const ms = Date.parse(`${day}T00:00:00Z`) + minutes * 60_000 + Number(second) * 1_000;
    return BigInt(ms) * 1_000n + BigInt(fraction.slice(0, MICRO_DIGITS).padEnd(MICRO_DIGITS, "0"));
  };
}
