// Submits that are made only once: idempotency keys, and deduplication windows.

export const SAVEPOINT = "SAVEPOINT submit";
export const RELEASE = "RELEASE submit";
export const ROLL_BACK = "ROLLBACK TO submit";

// By primary key, as the next.
export const usedKey = "SELECT digest, job_ids FROM idempotency WHERE caller = ? AND key = ? AND expires_at > ?";
export const useKey = `
  INSERT INTO idempotency (caller, key, digest, job_ids, expires_at)
  VALUES (?1, ?2, ?3, (SELECT json_group_array(value ->> 0) FROM json_each(?4)), ?5)
  ON CONFLICT (caller, key) DO UPDATE
    SET digest = excluded.digest, job_ids = excluded.job_ids, expires_at = excluded.expires_at`;

// Served by the unique index on id.
export const submitted = "SELECT created_at, available_at FROM jobs WHERE id = ?";

/** A job that was never handed out: its input can still be replaced. */
const WAITS = "j.state IN ('queued', 'paused') AND j.started_at IS NULL";

// By primary key, as the next; the job by the unique index on id.
export const window = `
  SELECT job_id, opened_at, ends_at, EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = d.job_id AND ${WAITS}) AS waits
  FROM dedupe AS d WHERE type = ? AND key = ?`;
export const openWindow = `
  INSERT INTO dedupe (type, key, job_id, opened_at, ends_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (type, key) DO UPDATE
    SET job_id = excluded.job_id, opened_at = excluded.opened_at, ends_at = excluded.ends_at`;

// Served by idempotency_expired and dedupe_ended. A debounced job that waits keeps its window, however late it is.
export const forgetKeys = `
  DELETE FROM idempotency WHERE (caller, key) IN (
    SELECT caller, key FROM idempotency WHERE expires_at <= ?1 LIMIT ?2)`;
export const forgetWindows = `
  DELETE FROM dedupe WHERE (type, key) IN (
    SELECT type, key FROM dedupe AS d WHERE ends_at <= ?1
      AND NOT EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = d.job_id AND ${WAITS}) LIMIT ?2)`;
