// The version of a schema.

// Held until the transaction ends: whoever comes second finds the work done.
export const lockMigration = "SELECT pg_advisory_xact_lock(hashtextextended('pawl migrate ' || $1, 0))";
// Who may not create schemas can still use one that is there.
export const schemaExists = "SELECT to_regnamespace(quote_ident($1)) IS NOT NULL AS there";
export const createSchema = (schema: string) => `CREATE SCHEMA IF NOT EXISTS "${schema}"`;
export const createVersion =
  "CREATE TABLE IF NOT EXISTS pawl.schema_version (one boolean PRIMARY KEY, version integer NOT NULL)";
export const version = "SELECT version FROM pawl.schema_version";
export const setVersion = `
  INSERT INTO pawl.schema_version (one, version) VALUES (true, $1::integer)
  ON CONFLICT (one) DO UPDATE SET version = excluded.version`;
