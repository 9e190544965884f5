// Datasets as the HTTP API shows them. Counts are read, never counted; a page of rows is a walk over the primary key.
import type { DatabaseSync } from "node:sqlite";
import { PawlError } from "../index.ts";
import type { DatasetCatalog, DatasetRow, DatasetSummary } from "../ports/datasets.ts";
import { importOfRow, rowId } from "./data-schema.ts";
import { numberOf, type SqlRow, textOf, textsOf } from "./sql-row.ts";

interface CatalogImport {
  readonly id: number;
  readonly jobId: string;
  readonly rows: number;
  readonly at: string;
}

/** A row's position: its id. */
const POSITION = /^\d{1,16}$/;

export function createDatasetCatalog(database: DatabaseSync): DatasetCatalog {
  const datasets = database.prepare("SELECT id, name, columns FROM dataset ORDER BY name");
  const dataset = database.prepare("SELECT id, name, columns FROM dataset WHERE name = ?");
  const imports = database.prepare("SELECT id, job_id, rows, at FROM import WHERE dataset_id = ? ORDER BY id");
  const rows = database.prepare('SELECT id, line, "values" FROM row WHERE id > ? AND id <= ? ORDER BY id LIMIT ?');

  const importsOf = (found: SqlRow): readonly CatalogImport[] =>
    imports.all(numberOf(found, "id")).map((row) => ({
      id: numberOf(row, "id"),
      jobId: textOf(row, "job_id"),
      rows: numberOf(row, "rows"),
      at: textOf(row, "at"),
    }));

  return {
    list: () => datasets.all().map((found) => summaryOf(found, importsOf(found))),
    rows(name, { limit, after }) {
      const found = dataset.get(name);
      if (!found) return null;
      const start = startOf(after);
      const columns = textsOf(found, "columns");
      const page: DatasetRow[] = [];
      for (const { id, jobId, rows: count } of importsOf(found)) {
        if (page.length >= limit) break;
        if (count === 0 || id < importOfRow(start)) continue;
        const piece = rows.all(Math.max(start, rowId(id, 0)), rowId(id, count), limit - page.length);
        page.push(...piece.map((row) => rowOf(row, columns, jobId)));
      }
      return page;
    },
  };
}

function startOf(after: string | null): number {
  if (after === null) return 0;
  if (POSITION.test(after) && Number.isSafeInteger(Number(after))) return Number(after);
  throw new PawlError(
    "invalid_request",
    `"${after}" is not the position of a row. Pass the \`position\` of the last row that you got.`,
  );
}

const summaryOf = (found: SqlRow, imports: readonly CatalogImport[]): DatasetSummary => ({
  name: textOf(found, "name"),
  columns: textsOf(found, "columns"),
  rows: imports.reduce((sum, one) => sum + one.rows, 0),
  imports: imports.map(({ jobId, rows, at }) => ({ jobId, rows, at })),
});

function rowOf(row: SqlRow, columns: readonly string[], importJobId: string): DatasetRow {
  const values = textsOf(row, "values");
  return {
    position: String(numberOf(row, "id")),
    values: Object.fromEntries(columns.map((name, index) => [name, values[index] ?? ""])),
    importJobId,
    line: numberOf(row, "line"),
  };
}
