// Notices between processes. Sent by statements of their own, after the commit that they tell of: a transaction that
// notifies takes a lock of the whole server when it commits. No session state, so that they go through a pooler, too.
import { NOW } from "./fragments.ts";

/** Processes that share a schema share a channel. */
export const channelOf = (schema: string): string => `pawl_${schema}`;

// Needs a session that stays the same.
export const listen = (schema: string): string => `LISTEN "${channelOf(schema)}"`;
// $1 channel, $2 payloads.
export const notify = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload";
export const time = `SELECT ${NOW}::float8 AS now`;
// When the process is another one than the connection named, a pooler stands in between.
export const backend =
  "SELECT pg_backend_pid() AS pid, pg_is_in_recovery() AS standby, id::text AS id FROM pawl.schema_version";
