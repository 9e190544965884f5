// Reads the columns of a row that a database answers, and says which one is not what it must be.
import { CELL_TYPES, type CellType } from "../cell-types.ts";
import type { DatasetColumn } from "../import-plan.ts";
import type { ImportState } from "./data-store.ts";

/** A row as a driver answers it. */
export type StoredRow = Readonly<Record<string, unknown>>;

export function textOf(row: StoredRow | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== "string") throw new TypeError(`The data store holds no text in "${column}".`);
  return value;
}

export function textOrNullOf(row: StoredRow | undefined, column: string): string | null {
  return row?.[column] === null ? null : textOf(row, column);
}

export function numberOf(row: StoredRow | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== "number") throw new TypeError(`The data store holds no number in "${column}".`);
  return value;
}

/** A list of texts that is stored as JSON. */
export function textsOf(row: StoredRow | undefined, column: string): readonly string[] {
  const value: unknown = JSON.parse(textOf(row, column));
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw new TypeError(`The data store holds no list of texts in "${column}".`);
  }
  return value;
}

/** The columns of a dataset, from their names in `columns` and their types in `types`. */
export function datasetColumnsOf(row: StoredRow): readonly DatasetColumn[] {
  const types = textsOf(row, "types");
  return textsOf(row, "columns").map((name, index) => ({ name, type: cellType(types[index]) }));
}

const cellType = (name: string | undefined): CellType => CELL_TYPES.find((type) => type === name) ?? "string";

export const importStateOf = (row: StoredRow | undefined): ImportState => ({
  id: numberOf(row, "id"),
  run: numberOf(row, "run"),
  total: numberOf(row, "total"),
  rows: numberOf(row, "rows"),
  rejected: numberOf(row, "rejected"),
});
