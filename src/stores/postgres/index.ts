// The public entry for PostgreSQL.
export { type PostgresTargetOptions, postgresTarget } from "./effects.ts";
export { createPostgresStore, type PostgresStore, type PostgresStoreOptions } from "./store.ts";
