// Submits that are made only once: idempotency keys, and deduplication windows.
import { NOW } from "./fragments.ts";

export { now } from "./insertions.ts";

// Held until the transaction ends.
export const lockKey = "SELECT pg_advisory_xact_lock(hashtextextended('pawl once ' || $1 || ' ' || $2, 0))";
// By primary key, as the next.
export const usedKey = `
  SELECT digest, job_ids FROM pawl.idempotency WHERE caller = $1 AND key = $2 AND expires_at > ${NOW}`;
// $3 digest, $4 ids, $5 keepMs.
export const useKey = `
  INSERT INTO pawl.idempotency (caller, key, digest, job_ids, expires_at)
  VALUES ($1, $2, $3, $4, ${NOW} + $5::bigint)
  ON CONFLICT (caller, key) DO UPDATE
    SET digest = excluded.digest, job_ids = excluded.job_ids, expires_at = excluded.expires_at`;

/** A job that was never handed out: its input can still be replaced. */
const WAITS = "j.state IN ('queued', 'paused') AND j.started_at IS NULL";

// One at a time judges a window. Held until the transaction ends.
export const lockWindow = "SELECT pg_advisory_xact_lock(hashtextextended('pawl window ' || $1 || ' ' || $2, 0))";
// By primary key, as the next; the job by the unique index on id, locked, so that nobody hands it out meanwhile.
export const window = `
  SELECT job_id, opened_at::float8 AS opened_at, ends_at::float8 AS ends_at, ${NOW}::float8 AS now
  FROM pawl.dedupe WHERE type = $1 AND key = $2`;
export const waits = `SELECT ${WAITS} AS waits FROM pawl.jobs AS j WHERE j.id = $1 FOR UPDATE`;
export const openWindow = `
  INSERT INTO pawl.dedupe (type, key, job_id, opened_at, ends_at) VALUES ($1, $2, $3, $4::bigint, $5::bigint)
  ON CONFLICT (type, key) DO UPDATE
    SET job_id = excluded.job_id, opened_at = excluded.opened_at, ends_at = excluded.ends_at`;

// Served by idempotency_expired and dedupe_ended. A debounced job that waits keeps its window, however late it is.
export const forgetKeys = `
  DELETE FROM pawl.idempotency WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM pawl.idempotency WHERE expires_at <= ${NOW} LIMIT $1::int FOR UPDATE SKIP LOCKED))
  RETURNING 1 AS gone`;
export const forgetWindows = `
  DELETE FROM pawl.dedupe WHERE ctid = ANY (ARRAY(
    SELECT d.ctid FROM pawl.dedupe AS d WHERE ends_at <= ${NOW}
      AND NOT EXISTS (SELECT 1 FROM pawl.jobs AS j WHERE j.id = d.job_id AND ${WAITS})
    LIMIT $1::int FOR UPDATE SKIP LOCKED))
  RETURNING 1 AS gone`;
