// The statements that a table's description stands for, in both dialects. Names are written as they are by default, below
// the schema `pawl`, as in the store.
import type { Column, MovedTable } from "./tables.ts";

const list = (columns: readonly Pick<Column, "name">[]): string => columns.map(({ name }) => `"${name}"`).join(", ");
const keyOf = ({ key }: MovedTable): string => key.map((name) => `"${name}"`).join(", ");

// Of SQLite.

/** All rows in the order of the key: a walk over one index. */
export const readRows = ({ source, columns, key }: MovedTable): string =>
  `SELECT ${columns.map(({ name, value }) => `${value} AS "${name}"`).join(", ")} FROM "${source}"
   ORDER BY ${key.map((name) => `"${source}"."${name}"`).join(", ")}`;

export const countRows = ({ source }: MovedTable): string => `SELECT count(*) AS rows FROM "${source}"`;

/** The last number that was given out: a table that never gives one twice keeps it, in the others it is the highest. */
export const lastNumber = (source: string, column: string): string => `
  SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = '${source}'), 0),
    coalesce((SELECT max("${column}") FROM "${source}"), 0)) AS number`;

/** $1 name: a table that is made when it is first needed is not always there. */
export const tableExists = "SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table' AND name = ?";

// Of PostgreSQL.

/** $1: rows as a JSON array of objects, of which a column may be missing where it is NULL. */
export const insertRows = ({ name, columns }: MovedTable): string => `
  INSERT INTO pawl."${name}" (${list(columns)}) OVERRIDING SYSTEM VALUE
  SELECT ${list(columns)} FROM json_populate_recordset(NULL::pawl."${name}", $1::json)`;

function textOf({ name, kind }: Column): string {
  switch (kind) {
    case "plain":
    case "object":
    case "quoted":
      return `"${name}"`;
    case "flag":
      return `"${name}"::int`;
    case "time":
      return `to_char("${name}" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  }
}

const digests = (table: MovedTable, where: string): string => `
  SELECT ${keyOf(table)},
    encode(substring(sha256(convert_to(json_build_array(${table.columns.map(textOf).join(", ")})::text, 'UTF8'))
      FOR 16), 'hex') AS row_digest
  FROM pawl."${table.name}" ${where} ORDER BY ${keyOf(table)} LIMIT`;

/** The key and the digest of each row, page by page: $1 how many. A range of the index on the key, as the next. */
export const firstDigests = (table: MovedTable): string => `${digests(table, "")} $1::int`;
/** $1 how many, $2 and so on the key of the last row of the page before. */
export const nextDigests = (table: MovedTable): string => {
  const after = table.key.map((_, index) => `$${index + 2}`).join(", ");
  return `${digests(table, `WHERE (${keyOf(table)}) > (${after})`)} $1::int`;
};

/** $1: the last number that was given out. */
export const setNumber = (name: string, column: string): string =>
  `SELECT setval(pg_get_serial_sequence('pawl."${name}"', '${column}'), $1::bigint)`;

export const analyze = (name: string): string => `ANALYZE pawl."${name}"`;

export const clear = (names: readonly string[]): string =>
  `TRUNCATE ${names.map((name) => `pawl."${name}"`).join(", ")} RESTART IDENTITY`;

/** Whether there is a row in any of them, by name. */
export const filled = (names: readonly string[]): string =>
  `SELECT name FROM (VALUES ${names
    .map((name) => `('${name}', EXISTS (SELECT 1 FROM pawl."${name}"))`)
    .join(", ")}) AS t (name, filled) WHERE filled`;

// Held as long as the move lasts, by a transaction that does nothing else: however the process ends, it is given back, as
// soon as the server knows. The server must not end it for standing still.
export const beginAlone = "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '3s'";
export const lockTransfer = "SELECT pg_advisory_xact_lock(hashtextextended('pawl transfer ' || $1, 0))";

/** Who works with the schema: $1 the name of their connections. */
export const users = `
  SELECT (SELECT count(*) FROM pawl.workers WHERE alive AND expires_at > (SELECT pawl.now_ms()))::int AS workers,
    (SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid())::int AS sessions`;

export const transfer = "SELECT id FROM pawl.transfer";
/** $1 id, $2 source. */
export const beginTransfer = `
  INSERT INTO pawl.transfer (id, source, started_at, done) VALUES ($1, $2, pawl.now_ms(), false)
  ON CONFLICT (one) DO UPDATE
    SET id = excluded.id, source = excluded.source, started_at = excluded.started_at, done = false`;
/** $1 id. Answers nothing when another move has begun meanwhile. */
export const endTransfer = "UPDATE pawl.transfer SET done = true WHERE id = $1 RETURNING id";

/** Files that the index names and whose bytes were nowhere. */
export const filesWithoutBytes = `
  SELECT id FROM pawl.files AS f WHERE NOT EXISTS (SELECT 1 FROM pawl.file_bodies AS b WHERE b.id = f.id)
  ORDER BY id LIMIT 6`;
