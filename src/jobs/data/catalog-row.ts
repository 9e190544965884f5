// Rows and datasets as the HTTP API shows them.
import type { DatasetRow, DatasetSummary } from "../../ports/datasets.ts";
import { numberOf, type StoredRow, textOf, textsOf } from "./stored-row.ts";

/** A dataset of which an answer holds name, columns, and what is known of its imports. */
export const summaryOf = (row: StoredRow, imports: DatasetSummary["imports"]): DatasetSummary => ({
  name: textOf(row, "name"),
  columns: textsOf(row, "columns"),
  rows: imports.reduce((sum, one) => sum + one.rows, 0),
  imports,
});

/** A row of which an answer holds id, line and values. */
export function datasetRowOf(row: StoredRow, columns: readonly string[], importJobId: string): DatasetRow {
  const values = textsOf(row, "values");
  return {
    position: String(numberOf(row, "id")),
    values: Object.fromEntries(columns.map((name, index) => [name, values[index] ?? ""])),
    importJobId,
    line: numberOf(row, "line"),
  };
}
