// The table in the author's database that holds the places of jobs. Found, or made at the first use by whichever process
// comes first; where the role may not do that, the error holds the SQL for somebody who may.
import type { Pool } from "pg";
import { PermanentError } from "../../domain/interruption.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";

const TABLE = "pawl_effects";

/** Any constant does, as long as all versions of Pawl use the same: it keeps two processes from creating at once. */
const CREATION_LOCK = 7_210_914_480_173_651n;

const COLUMNS = `(
  job_id text NOT NULL,
  run integer NOT NULL,
  phase text NOT NULL,
  token bigint NOT NULL,
  seq bigint NOT NULL,
  cursor text NOT NULL,
  PRIMARY KEY (job_id, run)
)`;

// With its schema: a callback that sets a search_path of its own must not lead the statements after it elsewhere.
const FIND_TABLE = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid = to_regclass($1)`;

const DESCRIBE_ROLE = `
  SELECT format('%I', current_user) AS role, format('%I', coalesce($1, current_schema(), 'public')) AS schema`;

/** Answers the table's name with its schema, creating it when it is missing. Rejects with what `refusedTable` says. */
export async function findOrCreateTable(pool: Pool, schema: string | undefined): Promise<string> {
  const name = schema === undefined ? TABLE : `"${schema.replaceAll('"', '""')}".${TABLE}`;
  try {
    const found = await findTable(pool, name);
    if (found !== null) return found;
    // One message is one transaction, so that the lock is held until the table is there for everybody.
    await pool.query(`SELECT pg_advisory_xact_lock(${CREATION_LOCK}); CREATE TABLE IF NOT EXISTS ${name} ${COLUMNS}`);
    return (await findTable(pool, name)) ?? name;
  } catch (error) {
    throw await refusedTable(pool, schema, error);
  }
}

async function findTable(pool: Pool, name: string): Promise<string | null> {
  const { rows } = await pool.query<{ readonly name: string }>(FIND_TABLE, [name]);
  return rows[0]?.name ?? null;
}

/**
 * The error to throw for one that the table's use gave: where it was for want of a right or a schema, a `PermanentError`
 * of code `target_not_ready` with the SQL to run by hand.
 */
export async function refusedTable(pool: Pool, schema: string | undefined, error: unknown): Promise<unknown> {
  const state = sqlStateOf(error);
  if (state !== SQL_STATE.notAllowed && state !== SQL_STATE.noSuchSchema) return error;
  return new PermanentError(await advice(pool, schema, error), { code: "target_not_ready", cause: error });
}

async function advice(pool: Pool, wanted: string | undefined, error: unknown): Promise<string> {
  const { rows } = await pool.query<{ readonly role: string; readonly schema: string }>(DESCRIBE_ROLE, [
    wanted ?? null,
  ]);
  const { role, schema } = rows[0] ?? { role: "current_user", schema: "public" };
  const why = error instanceof Error ? error.message : String(error);
  return [
    `The role ${role} cannot use or create the table ${schema}.${TABLE}, in which Pawl keeps a job's place beside your rows: ${why}.`,
    "Let somebody who may run this once, and retry the job:",
    `CREATE SCHEMA IF NOT EXISTS ${schema};`,
    `CREATE TABLE IF NOT EXISTS ${schema}.${TABLE} ${COLUMNS};`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${role};`,
    `GRANT SELECT, INSERT, UPDATE ON ${schema}.${TABLE} TO ${role};`,
  ].join("\n");
}
