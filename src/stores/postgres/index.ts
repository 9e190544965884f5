// The public entry for PostgreSQL.
export { type PostgresTargetOptions, postgresTarget } from "./effects.ts";
