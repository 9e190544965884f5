// The version of a schema.

export const encoding = "SELECT current_setting('server_encoding') AS encoding";
// Held until the transaction ends: whoever comes second finds the work done.
export const lockMigration = "SELECT pg_advisory_xact_lock(hashtextextended('pawl migrate ' || $1, 0))";
// Who may not create schemas can still use one that is there.
export const schemaExists = "SELECT to_regnamespace(quote_ident($1)) IS NOT NULL AS there";
export const createSchema = (schema: string) => `CREATE SCHEMA IF NOT EXISTS "${schema}"`;
export const createVersion =
  "CREATE TABLE IF NOT EXISTS pawl.schema_version (one boolean PRIMARY KEY, version integer NOT NULL, id uuid NOT NULL DEFAULT gen_random_uuid())";
// The id tells this schema from others of the same name in other databases.
export const version = "SELECT version FROM pawl.schema_version";
export const schemaId = "SELECT id::text AS id FROM pawl.schema_version";
export const setVersion = `
  INSERT INTO pawl.schema_version (one, version) VALUES (true, $1::integer)
  ON CONFLICT (one) DO UPDATE SET version = excluded.version`;

/** Whether a program has made the schema. */
export const versionExists = "SELECT to_regclass(quote_ident($1) || '.schema_version') IS NOT NULL AS there";

// What `pawl migrate` brought: at most one row. Nobody moves anything into a schema that is used.
export const forgetTransfer = "DELETE FROM pawl.transfer WHERE done";
export const transfer = "SELECT source FROM pawl.transfer";
