// CSV files of any length, the same for the same number of rows: what an import read can be computed again by a checker.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

export const COLUMNS = ["name", "phone", "visited_on", "note"] as const;

/** Every so many rows one has a quoted newline. */
const WRAPPED_EVERY = 50;

/** The cells of row number `index`, from 0. Some have a quoted newline or an umlaut. */
export function rowCells(index: number): readonly [string, string, string, string] {
  const day = String((index % 28) + 1).padStart(2, "0");
  const note = index % WRAPPED_EVERY === 0 ? `said "hello",\nleft` : index % 10 === 0 ? "Grüße" : `note ${index}`;
  return [`person ${index}`, `+49 30 ${String(index).padStart(7, "0")}`, `2024-05-${day}`, note];
}

/** The same row as the import names its cells. */
export function rowRecord(index: number): Readonly<Record<string, string>> {
  const cells = rowCells(index);
  return Object.fromEntries(COLUMNS.map((column, place) => [column, cells[place] ?? ""]));
}

/** The line on which the row with this place in the file starts, in a file whose first row is row number `first`. */
export function rowLine(place: number, first = 0): number {
  const wrapped = (before: number) => Math.ceil(before / WRAPPED_EVERY);
  return 2 + place + wrapped(first + place) - wrapped(first);
}

export interface CsvFile {
  readonly path: string;
  readonly rows: number;
  readonly sha256: string;
}

/** Writes `rows` rows under a header, from row number `first` on. */
export async function writeCsvFile(path: string, rows: number, first = 0): Promise<CsvFile> {
  const hash = createHash("sha256");
  const file = createWriteStream(path);
  for (let from = 0; from <= rows; from += BLOCK) {
    const lines = from === 0 ? [COLUMNS.join(",")] : [];
    for (let index = from; index < Math.min(from + BLOCK, rows); index++)
      lines.push(
        rowCells(first + index)
          .map(quoted)
          .join(","),
      );
    const text = lines.map((line) => `${line}\n`).join("");
    hash.update(text);
    if (!file.write(text)) await once(file, "drain");
  }
  file.end();
  await finished(file);
  return { path, rows, sha256: hash.digest("hex") };
}

const BLOCK = 10_000;

const quoted = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
