// What imports change in the data store. Every function runs inside a transaction that `effects` or `batch.commit`
// opened; the counts of an import change in the same transaction as its rows, so that nothing ever has to be counted.
import type { DatabaseSync } from "node:sqlite";
import { CELL_TYPES, type CellType } from "./cell-types.ts";
import { rowId } from "./data-schema.ts";
import type { DatasetColumn, DatasetShape, PlannedRow, Reject } from "./import-plan.ts";
import { numberOf, type SqlRow, textOf, textOrNullOf, textsOf } from "./sql-row.ts";

/** An import as it stands. */
export interface ImportState {
  readonly id: number;
  readonly run: number;
  /** Records in the file. */
  readonly total: number;
  readonly rows: number;
  readonly rejected: number;
}

interface NewImport {
  readonly jobId: string;
  readonly run: number;
  readonly dataset: string;
  readonly shape: DatasetShape;
  readonly total: number;
}

export interface DatasetImports {
  /** `null` when there is no such dataset. */
  shapeOf(dataset: string): DatasetShape | null;
  /** `null` before `begin`, and after everything was removed. */
  find(jobId: string): ImportState | null;
  /** Enters the import, and its dataset when it is the first one there. */
  begin(start: NewImport): ImportState;
  /** Adds rows and rejects behind those that are there. Answers how many rejects the import has now. */
  add(importId: number, rows: readonly PlannedRow[], rejects: readonly Reject[]): number;
  /** Rejects with a number greater than `after`, in order. */
  rejects(importId: number, page: { readonly after: number; readonly limit: number }): readonly Reject[];
  finish(importId: number): void;
  /**
   * Removes the last few thousand rows or rejects of the job's import, at the end the import itself, and with the last
   * import its dataset. Answers how many are left; 0 when nothing of the job is there any more.
   */
  removeSome(jobId: string): number;
}

/** Rows that one statement inserts: half the time a row of single inserts. */
const ROWS_A_STATEMENT = 20;
/** Deleted in a few milliseconds. */
const REMOVED_AT_ONCE = 4_000;

export function createDatasetImports(database: DatabaseSync): DatasetImports {
  const sql = prepareStatements(database);
  return {
    shapeOf(dataset) {
      const row = sql.shape.get(dataset);
      return row ? { columns: columnsOf(row), dayColumn: textOrNullOf(row, "day_column") } : null;
    },
    find: (jobId) => findImport(sql, jobId),
    begin({ jobId, run, dataset, shape, total }) {
      const names = JSON.stringify(shape.columns.map((column) => column.name));
      const types = JSON.stringify(shape.columns.map((column) => column.type));
      sql.insertDataset.run(dataset, names, types, shape.dayColumn);
      return importState(sql.insertImport.get(jobId, run, total, dataset));
    },
    add(importId, rows, rejects) {
      const before = importState(sql.state.get(importId));
      const bytes = insertRows(sql, rowId(importId, before.rows + 1), rows);
      for (const [index, { line, column, reason, value, fields }] of rejects.entries()) {
        const id = rowId(importId, before.rejected + index + 1);
        sql.insertReject.run(id, line, column, reason, value, JSON.stringify(fields));
      }
      sql.count.run(rows.length, bytes, rejects.length, importId);
      return before.rejected + rejects.length;
    },
    rejects: (importId, { after, limit }) =>
      sql.rejects.all(rowId(importId, after), rowId(importId, after + limit)).map((row) => ({
        line: numberOf(row, "line"),
        column: numberOf(row, "column"),
        reason: textOf(row, "reason"),
        value: textOf(row, "value"),
        fields: textsOf(row, "fields"),
      })),
    finish(importId) {
      sql.finish.run(importId);
    },
    removeSome: (jobId) => removeSome(sql, jobId),
  };
}

type Statements = ReturnType<typeof prepareStatements>;

function findImport(sql: Statements, jobId: string): ImportState | null {
  const row = sql.find.get(jobId);
  return row ? importState(row) : null;
}

/** Answers how long the values are, in characters of JSON. */
function insertRows(sql: Statements, firstId: number, rows: readonly PlannedRow[]): number {
  const stored = rows.map(({ line, day, values }) => [line, day, JSON.stringify(values)] as const);
  const whole = stored.length - (stored.length % ROWS_A_STATEMENT);
  for (let at = 0; at < whole; at += ROWS_A_STATEMENT) {
    const some = stored.slice(at, at + ROWS_A_STATEMENT);
    sql.insertRows.run(...some.flatMap((row, index) => [firstId + at + index, ...row]));
  }
  for (const [index, row] of stored.slice(whole).entries()) sql.insertRow.run(firstId + whole + index, ...row);
  return stored.reduce((sum, [, , values]) => sum + values.length, 0);
}

function removeSome(sql: Statements, jobId: string): number {
  const found = findImport(sql, jobId);
  if (!found) return 0;
  const rows = Math.max(0, found.rows - REMOVED_AT_ONCE);
  const rejected = found.rows > 0 ? found.rejected : Math.max(0, found.rejected - REMOVED_AT_ONCE);
  sql.removeRows.run(rowId(found.id, rows), rowId(found.id, found.rows));
  sql.removeRejects.run(rowId(found.id, rejected), rowId(found.id, found.rejected));
  sql.recount.run(rows, rejected, found.id);
  if (rows + rejected > 0) return rows + rejected;
  sql.removeImport.run(found.id);
  sql.removeEmptyDatasets.run();
  return 0;
}

function prepareStatements(database: DatabaseSync) {
  const state = "id, run, total, rows, rejected";
  const rowsOfValues = Array.from({ length: ROWS_A_STATEMENT }, () => "(?, ?, ?, ?)").join(", ");
  return {
    // Each is served by a primary key, or by the unique index of the column that it asks for.
    find: database.prepare(`SELECT ${state} FROM import WHERE job_id = ?`),
    state: database.prepare(`SELECT ${state} FROM import WHERE id = ?`),
    shape: database.prepare("SELECT columns, types, day_column FROM dataset WHERE name = ?"),
    // The first import of a dataset fixes its columns and types; undoing a later one must not have to restore them.
    insertDataset: database.prepare(`
      INSERT INTO dataset (name, columns, types, day_column) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`),
    insertImport: database.prepare(`
      INSERT INTO import (job_id, run, total, dataset_id) SELECT ?, ?, ?, id FROM dataset WHERE name = ? RETURNING ${state}`),
    insertRow: database.prepare('INSERT INTO row (id, line, day, "values") VALUES (?, ?, ?, ?)'),
    insertRows: database.prepare(`INSERT INTO row (id, line, day, "values") VALUES ${rowsOfValues}`),
    insertReject: database.prepare(
      'INSERT INTO rejected (id, line, "column", reason, value, fields) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    count: database.prepare(
      "UPDATE import SET rows = rows + ?, bytes = bytes + ?, rejected = rejected + ? WHERE id = ?",
    ),
    rejects: database.prepare(
      'SELECT line, "column", reason, value, fields FROM rejected WHERE id > ? AND id <= ? ORDER BY id',
    ),
    finish: database.prepare("UPDATE import SET finished = 1 WHERE id = ?"),
    removeRows: database.prepare("DELETE FROM row WHERE id > ? AND id <= ?"),
    removeRejects: database.prepare("DELETE FROM rejected WHERE id > ? AND id <= ?"),
    recount: database.prepare("UPDATE import SET rows = ?, rejected = ?, finished = 0 WHERE id = ?"),
    removeImport: database.prepare("DELETE FROM import WHERE id = ?"),
    removeEmptyDatasets: database.prepare(
      "DELETE FROM dataset WHERE NOT EXISTS (SELECT 1 FROM import WHERE dataset_id = dataset.id)",
    ),
  };
}

const importState = (row: SqlRow | undefined): ImportState => ({
  id: numberOf(row, "id"),
  run: numberOf(row, "run"),
  total: numberOf(row, "total"),
  rows: numberOf(row, "rows"),
  rejected: numberOf(row, "rejected"),
});

function columnsOf(row: SqlRow): readonly DatasetColumn[] {
  const types = textsOf(row, "types");
  return textsOf(row, "columns").map((name, index) => ({ name, type: cellType(types[index]) }));
}

const cellType = (name: string | undefined): CellType => CELL_TYPES.find((type) => type === name) ?? "string";
