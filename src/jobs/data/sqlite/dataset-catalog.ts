// Datasets as the HTTP API shows them. Counts are read, never counted; a page of rows is a walk over the primary key.
import type { DatabaseSync } from "node:sqlite";
import type { DatasetCatalog, DatasetRow } from "../../../ports/datasets.ts";
import { datasetRowOf, summaryOf } from "../catalog-row.ts";
import { idBefore, importOfRow, rowId } from "../row-ids.ts";
import { numberOf, type StoredRow, textOf, textsOf } from "../stored-row.ts";

interface CatalogImport {
  readonly id: number;
  readonly jobId: string;
  readonly rows: number;
  readonly at: string;
}

export function createDatasetCatalog(database: DatabaseSync): DatasetCatalog {
  const datasets = database.prepare("SELECT id, name, columns FROM dataset ORDER BY name");
  const dataset = database.prepare("SELECT id, name, columns FROM dataset WHERE name = ?");
  const imports = database.prepare("SELECT id, job_id, rows, at FROM import WHERE dataset_id = ? ORDER BY id");
  const rows = database.prepare('SELECT id, line, "values" FROM row WHERE id > ? AND id <= ? ORDER BY id LIMIT ?');

  const importsOf = (found: StoredRow): readonly CatalogImport[] =>
    imports.all(numberOf(found, "id")).map((row) => ({
      id: numberOf(row, "id"),
      jobId: textOf(row, "job_id"),
      rows: numberOf(row, "rows"),
      at: textOf(row, "at"),
    }));

  return {
    list: async () =>
      datasets.all().map((found) =>
        summaryOf(
          found,
          importsOf(found).map(({ jobId, rows: count, at }) => ({ jobId, rows: count, at })),
        ),
      ),
    async rows(name, { limit, after }) {
      const start = idBefore(after, "row");
      const found = dataset.get(name);
      if (!found) return null;
      const columns = textsOf(found, "columns");
      const page: DatasetRow[] = [];
      for (const { id, jobId, rows: count } of importsOf(found)) {
        if (page.length >= limit) break;
        if (count === 0 || id < importOfRow(start)) continue;
        const piece = rows.all(Math.max(start, rowId(id, 0)), rowId(id, count), limit - page.length);
        page.push(...piece.map((row) => datasetRowOf(row, columns, jobId)));
      }
      return page;
    },
  };
}
