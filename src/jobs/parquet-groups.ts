// Gathers rows until they make a row group, and writes it. Invariant: where a row group ends depends on the rows in it
// alone, never on how many came at once.
import { type ArtifactWriter, type Json, PermanentError, type SourceEntry } from "../index.ts";
import type { ParquetColumn, ParquetValue } from "./parquet-cells.ts";
import { type Chunk, columnChunk, type RowGroup } from "./parquet-file.ts";
import { shortened, shown } from "./shown-text.ts";

export type Row = readonly string[];

/** At this many, encoding a column holds the event loop up for some 20 ms. */
const MAX_ROWS = 25_000;
/** About what the rows of a group may take in memory, where a cell takes some bytes besides its characters. */
const MAX_BYTES = 32 * 1024 * 1024;
const CELL_BYTES = 32;
/** Very wide tables get more, because chunks of a few values make a file that is mostly footer. */
const CHUNK_BYTES = 64 * 1024;
/** Each is named in the checkpoint, with some 40 bytes, and in the footer: making that of so many takes 200 MB. */
const MAX_CHUNKS = 100_000;

export interface RowGroups {
  /** Rows that were written, and those that were gathered. */
  readonly rows: number;
  readonly written: WrittenGroups;
  add(entries: readonly SourceEntry<Row>[]): Promise<void>;
  /** Writes what was gathered as the last, smaller, row group. */
  end(): Promise<void>;
}

/** The row groups in the file, and the cursor of the last row in them. */
export interface WrittenGroups {
  readonly groups: readonly RowGroup[];
  readonly at: Json;
}

export interface RowGroupsOptions {
  readonly file: ArtifactWriter;
  readonly columns: readonly ParquetColumn[];
  readonly start: WrittenGroups;
  /** Called after each row group. */
  readonly save: (written: WrittenGroups) => Promise<void>;
}

export function createRowGroups({ file, columns, start, save }: RowGroupsOptions): RowGroups {
  const limit = Math.max(MAX_BYTES, columns.length * CHUNK_BYTES);
  let written = start;
  let writtenRows = rowsIn(start.groups);
  let gathered: SourceEntry<Row>[] = [];
  let bytes = 0;

  const write = async () => {
    const last = gathered.at(-1);
    if (!last) return;
    if ((written.groups.length + 1) * columns.length > MAX_CHUNKS) throw tooLarge(writtenRows);
    const chunks: Chunk[] = [];
    // A column at a time: the event loop turns between them, and only one is in memory a second time.
    for (const [index, column] of columns.entries()) {
      const encoded = await columnChunk(column, valuesOf(column, index));
      await file.write(encoded.bytes);
      chunks.push(encoded.chunk);
    }
    written = { groups: [...written.groups, { rows: gathered.length, chunks }], at: last.cursor };
    writtenRows += gathered.length;
    gathered = [];
    bytes = 0;
    await save(written);
  };

  const valuesOf = (column: ParquetColumn, index: number): readonly ParquetValue[] =>
    gathered.map(({ item }, place) => {
      const cell = item[index] ?? "";
      const value = column.convert(cell);
      if (value === undefined) throw unfitting(column, cell, writtenRows + place + 1);
      return value;
    });

  return {
    get rows() {
      return writtenRows + gathered.length;
    },
    get written() {
      return written;
    },
    async add(entries) {
      for (const entry of entries) {
        gathered.push(entry);
        bytes += bytesOf(entry.item);
        if (gathered.length >= MAX_ROWS || bytes >= limit) await write();
      }
    },
    end: write,
  };
}

const rowsIn = (groups: readonly RowGroup[]): number => groups.reduce((sum, { rows }) => sum + rows, 0);

const bytesOf = (row: Row): number => row.reduce((sum, cell) => sum + cell.length + CELL_BYTES, 0);

function unfitting({ element, holds }: ParquetColumn, cell: string, row: number): PermanentError {
  return new PermanentError(
    `Row ${row} cannot be written as Parquet: its column ${shown(element.name)} holds ${holds} there, and ${shown(cell)} is none. Export as csv or ndjson, which keep the text of each cell.`,
    { code: "value_out_of_range", details: { row, column: element.name, value: shortened(cell) } },
  );
}

function tooLarge(rows: number): PermanentError {
  return new PermanentError(
    `The file would have more than ${MAX_CHUNKS} column chunks, which is too many for one Parquet file; it has ${rows} rows so far. Export a range of days with from and to, or export as csv or ndjson.`,
    { code: "export_too_large", details: { rows } },
  );
}
