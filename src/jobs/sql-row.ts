// Reads the columns of a row that SQLite answers, and says which one is not what it must be.

/** A row as `node:sqlite` answers it. */
export type SqlRow = Readonly<Record<string, unknown>>;

export function textOf(row: SqlRow | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== "string") throw new TypeError(`The data store holds no text in "${column}".`);
  return value;
}

export function textOrNullOf(row: SqlRow | undefined, column: string): string | null {
  return row?.[column] === null ? null : textOf(row, column);
}

export function numberOf(row: SqlRow | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== "number") throw new TypeError(`The data store holds no number in "${column}".`);
  return value;
}

/** A list of texts that is stored as JSON. */
export function textsOf(row: SqlRow | undefined, column: string): readonly string[] {
  const value: unknown = JSON.parse(textOf(row, column));
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw new TypeError(`The data store holds no list of texts in "${column}".`);
  }
  return value;
}
