// A row of SQLite as it is to stand in PostgreSQL: as the JSON that brings it there, and as the text whose digest PostgreSQL
// works out of what it stores. Both are made of the row as SQLite has it now.
import { digestOfText } from "./row-sum.ts";
import type { Column } from "./tables.ts";

type SqliteRow = Readonly<Record<string, unknown>>;

/** PostgreSQL cannot hold a NUL in a text: what stands for a character that is not known takes its place. */
const withoutNul = (text: string): string => text.replaceAll("\0", "\u{fffd}");

/** The row as a JSON object for `insertRows`. */
export function insertTextOf(row: SqliteRow, columns: readonly Column[]): string {
  const fields: string[] = [];
  for (const column of columns) {
    const value = row[column.name];
    if (value === null) continue;
    const text = column.kind === "object" ? JSON.stringify(storedObject(value)) : JSON.stringify(stored(column, value));
    fields.push(`"${column.name}":${text}`);
  }
  return `{${fields.join()}}`;
}

/** The digest of the row as PostgreSQL works it out. */
export function digestOf(row: SqliteRow, columns: readonly Column[]): string {
  const texts = columns.map((column) => {
    const value = row[column.name];
    if (value === null) return "null";
    return column.kind === "object" ? jsonbText(storedObject(value)) : JSON.stringify(stored(column, value));
  });
  return digestOfText(`[${texts.join(", ")}]`);
}

/** How many texts of the row lose a character on the way. */
export const textsWithNul = (row: SqliteRow, columns: readonly Column[]): number =>
  columns.filter(({ name, kind }) => kind === "plain" && String(row[name]).includes("\0")).length;

function stored({ kind }: Column, value: unknown): unknown {
  if (typeof value !== "string") return value;
  return kind === "quoted" ? JSON.stringify(value) : withoutNul(value);
}

const storedObject = (value: unknown): unknown =>
  JSON.parse(String(value), (_, part: unknown) => (typeof part === "string" ? withoutNul(part) : part));

/** As PostgreSQL writes a `jsonb`: keys by their length, then by their bytes. */
function jsonbText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, part]) => [Buffer.from(name), jsonbText(part)] as const);
  fields.sort(([a], [b]) => a.length - b.length || Buffer.compare(a, b));
  return `{${fields.map(([name, text]) => `${JSON.stringify(name.toString())}: ${text}`).join(", ")}}`;
}
