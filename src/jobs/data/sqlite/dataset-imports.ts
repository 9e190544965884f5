// Imports: what they change, and how they stand. The writer's functions run inside a transaction of the target; the counts
// of an import change in the same transaction as its rows, so that nothing ever has to be counted.
import type { DatabaseSync } from "node:sqlite";
import type { PlannedRow, Reject } from "../../import-plan.ts";
import type { ImportReader, ImportState, ImportWriter } from "../data-store.ts";
import { SHOWN_REJECTS, tooManyRejected } from "../reject-limit.ts";
import { leftAfterRemoval } from "../removal.ts";
import { rowId } from "../row-ids.ts";
import { datasetColumnsOf, importStateOf, numberOf, textOf, textOrNullOf, textsOf } from "../stored-row.ts";

/** Rows that one statement inserts: half the time a row of single inserts. */
const ROWS_A_STATEMENT = 20;

export interface DatasetImports {
  /** To be called in a transaction of the target only. */
  readonly writer: ImportWriter;
  readonly reader: ImportReader;
}

export function createDatasetImports(database: DatabaseSync): DatasetImports {
  const sql = prepareStatements(database);
  return { writer: createWriter(sql), reader: createReader(sql) };
}

function createWriter(sql: Statements): ImportWriter {
  return {
    begin({ jobId, run, dataset, shape, total }) {
      const names = JSON.stringify(shape.columns.map((column) => column.name));
      const types = JSON.stringify(shape.columns.map((column) => column.type));
      sql.insertDataset.run(dataset, names, types, shape.dayColumn);
      return importStateOf(sql.insertImport.get(jobId, run, total, dataset));
    },
    add({ importId, rows, rejects, maxRejected }) {
      const before = importStateOf(sql.state.get(importId));
      const bytes = insertRows(sql, rowId(importId, before.rows + 1), rows);
      insertRejects(sql, rowId(importId, before.rejected + 1), rejects);
      sql.count.run(rows.length, bytes, rejects.length, importId);
      if (before.rejected + rejects.length > maxRejected)
        throw tooManyRejected(rejectsOf(sql, importId, { after: 0, limit: SHOWN_REJECTS }), maxRejected);
    },
    finish(importId) {
      sql.finish.run(importId);
    },
    removeSome: (jobId) => removeSome(sql, jobId),
  };
}

function createReader(sql: Statements): ImportReader {
  return {
    async shapeOf(dataset) {
      const row = sql.shape.get(dataset);
      return row ? { columns: datasetColumnsOf(row), dayColumn: textOrNullOf(row, "day_column") } : null;
    },
    find: async (jobId) => findImport(sql, jobId),
    rejects: async (importId, page) => rejectsOf(sql, importId, page),
  };
}

type Statements = ReturnType<typeof prepareStatements>;

function findImport(sql: Statements, jobId: string): ImportState | null {
  const row = sql.find.get(jobId);
  return row ? importStateOf(row) : null;
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

function insertRejects(sql: Statements, firstId: number, rejects: readonly Reject[]): void {
  for (const [index, { line, column, reason, value, fields }] of rejects.entries()) {
    sql.insertReject.run(firstId + index, line, column, reason, value, JSON.stringify(fields));
  }
}

function rejectsOf(
  sql: Statements,
  importId: number,
  { after, limit }: { readonly after: number; readonly limit: number },
): readonly Reject[] {
  return sql.rejects.all(rowId(importId, after), rowId(importId, after + limit)).map((row) => ({
    line: numberOf(row, "line"),
    column: numberOf(row, "column"),
    reason: textOf(row, "reason"),
    value: textOf(row, "value"),
    fields: textsOf(row, "fields"),
  }));
}

function removeSome(sql: Statements, jobId: string): number {
  const found = findImport(sql, jobId);
  if (!found) return 0;
  const { rows, rejected } = leftAfterRemoval(found);
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
