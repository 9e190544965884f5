// Imports: what they change, and how they stand. The writer belongs to one transaction of the target; the counts of an
// import change in the same transaction as its rows, so that nothing ever has to be counted.
import type { Reject } from "../../import-plan.ts";
import type { ImportReader, ImportState, ImportWriter, NewImport } from "../data-store.ts";
import { SHOWN_REJECTS, tooManyRejected } from "../reject-limit.ts";
import { leftAfterRemoval } from "../removal.ts";
import { rowId } from "../row-ids.ts";
import { datasetColumnsOf, importStateOf, numberOf, textOf, textOrNullOf, textsOf } from "../stored-row.ts";
import type { Ask, Connections } from "./connections.ts";
import { forJob } from "./outage.ts";

// Statements are served by a primary key, or by the unique index of the column that they ask for. Numbers beyond 32 bits
// are cast: they would arrive as text.
const STATE = "id::float8 AS id, run, total::float8 AS total, rows::float8 AS rows, rejected::float8 AS rejected";

const FIND = `SELECT ${STATE} FROM pawl_data.import WHERE job_id = $1`;
const SHAPE = "SELECT columns, types, day_column FROM pawl_data.dataset WHERE name = $1";
const REJECTS = `
  SELECT line::float8 AS line, "column", reason, value, fields FROM pawl_data.rejected
  WHERE id > $1 AND id <= $2 ORDER BY id`;

/** Others may wait for the row of a dataset: a process that stands still must not keep them waiting. */
const NO_STANDSTILL = "set_config('idle_in_transaction_session_timeout', '15000', true)";

// The first import of a dataset fixes its columns and types; undoing a later one must not have to restore them. That the
// row is written even so locks it: a removal that has found the dataset empty is over then, or waits, and finds the import.
const BEGIN = `
  WITH patience AS (SELECT ${NO_STANDSTILL}), chosen AS (
    INSERT INTO pawl_data.dataset AS known (name, columns, types, day_column)
    SELECT $1, $2, $3, $4 FROM patience
    ON CONFLICT (name) DO UPDATE SET name = known.name RETURNING id
  )
  INSERT INTO pawl_data.import (job_id, run, total, dataset_id) SELECT $5, $6::integer, $7::bigint, id FROM chosen
  RETURNING ${STATE}`;

// One round trip. Ids follow from the counts, which no other transaction changes meanwhile: the row is locked.
const ADD = `
  WITH counted AS (
    UPDATE pawl_data.import
    SET rows = rows + cardinality($2::bigint[]), bytes = bytes + $5::bigint,
      rejected = rejected + cardinality($6::bigint[])
    WHERE id = $1
    RETURNING id << 32 AS base, rows - cardinality($2::bigint[]) AS rows_before,
      rejected - cardinality($6::bigint[]) AS rejected_before, rejected
  ), added AS (
    INSERT INTO pawl_data.row (id, line, day, "values")
    SELECT base + rows_before + n, line, day, "values"
    FROM counted, unnest($2::bigint[], $3::text[], $4::text[]) WITH ORDINALITY AS new (line, day, "values", n)
  ), put_aside AS (
    INSERT INTO pawl_data.rejected (id, line, "column", reason, value, fields)
    SELECT base + rejected_before + n, line, "column", reason, value, fields
    FROM counted, unnest($6::bigint[], $7::integer[], $8::text[], $9::text[], $10::text[])
      WITH ORDINALITY AS new (line, "column", reason, value, fields, n)
  )
  SELECT rejected::float8 AS rejected FROM counted`;

const FINISH = "UPDATE pawl_data.import SET finished = true WHERE id = $1";
const REMOVE_ROWS = "DELETE FROM pawl_data.row WHERE id > $1 AND id <= $2";
const REMOVE_REJECTS = "DELETE FROM pawl_data.rejected WHERE id > $1 AND id <= $2";
const RECOUNT = "UPDATE pawl_data.import SET rows = $2, rejected = $3, finished = false WHERE id = $1";

// Of two last imports that are removed at the same time, one waits here for the other, and then sees that it is gone.
const LOCK_DATASET = `
  UPDATE pawl_data.dataset SET name = name
  WHERE id = (SELECT dataset_id FROM pawl_data.import WHERE id = $1) AND ${NO_STANDSTILL} <> ''
  RETURNING id::float8 AS id`;
const REMOVE_IMPORT = "DELETE FROM pawl_data.import WHERE id = $1";
const REMOVE_EMPTY_DATASET = `
  DELETE FROM pawl_data.dataset WHERE id = $1 AND NOT EXISTS (SELECT FROM pawl_data.import WHERE dataset_id = $1)`;

/** `ask` runs statements in the writer's transaction. */
export function createImportWriter(ask: Ask): ImportWriter {
  return {
    begin: (start) => begin(ask, start),
    async add({ importId, rows, rejects, maxRejected }) {
      const values = rows.map((row) => JSON.stringify(row.values));
      const [counted] = await ask(
        ADD,
        importId,
        rows.map(({ line }) => line),
        rows.map(({ day }) => day),
        values,
        values.reduce((sum, text) => sum + text.length, 0),
        rejects.map(({ line }) => line),
        rejects.map(({ column }) => column),
        rejects.map(({ reason }) => reason),
        rejects.map(({ value }) => value),
        rejects.map(({ fields }) => JSON.stringify(fields)),
      );
      if (numberOf(counted, "rejected") > maxRejected) {
        throw tooManyRejected(await rejectsOf(ask, importId, { after: 0, limit: SHOWN_REJECTS }), maxRejected);
      }
    },
    async finish(importId) {
      await ask(FINISH, importId);
    },
    removeSome: (jobId) => removeSome(ask, jobId),
  };
}

export function createImportReader({ ask }: Connections): ImportReader {
  return {
    shapeOf: (dataset) =>
      forJob(async () => {
        const [row] = await ask(SHAPE, dataset);
        return row ? { columns: datasetColumnsOf(row), dayColumn: textOrNullOf(row, "day_column") } : null;
      }),
    find: (jobId) => forJob(() => findImport(ask, jobId)),
    rejects: (importId, page) => forJob(() => rejectsOf(ask, importId, page)),
  };
}

async function begin(ask: Ask, { jobId, run, dataset, shape, total }: NewImport): Promise<ImportState> {
  const names = JSON.stringify(shape.columns.map((column) => column.name));
  const types = JSON.stringify(shape.columns.map((column) => column.type));
  const [row] = await ask(BEGIN, dataset, names, types, shape.dayColumn, jobId, run, total);
  return importStateOf(row);
}

async function findImport(ask: Ask, jobId: string): Promise<ImportState | null> {
  const [row] = await ask(FIND, jobId);
  return row ? importStateOf(row) : null;
}

async function rejectsOf(
  ask: Ask,
  importId: number,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly Reject[]> {
  const rows = await ask(REJECTS, rowId(importId, after), rowId(importId, after + limit));
  return rows.map((row) => ({
    line: numberOf(row, "line"),
    column: numberOf(row, "column"),
    reason: textOf(row, "reason"),
    value: textOf(row, "value"),
    fields: textsOf(row, "fields"),
  }));
}

async function removeSome(ask: Ask, jobId: string): Promise<number> {
  const found = await findImport(ask, jobId);
  if (!found) return 0;
  const { rows, rejected } = leftAfterRemoval(found);
  await ask(REMOVE_ROWS, rowId(found.id, rows), rowId(found.id, found.rows));
  await ask(REMOVE_REJECTS, rowId(found.id, rejected), rowId(found.id, found.rejected));
  if (rows + rejected > 0) {
    await ask(RECOUNT, found.id, rows, rejected);
    return rows + rejected;
  }
  const [dataset] = await ask(LOCK_DATASET, found.id);
  await ask(REMOVE_IMPORT, found.id);
  await ask(REMOVE_EMPTY_DATASET, numberOf(dataset, "id"));
  return 0;
}
