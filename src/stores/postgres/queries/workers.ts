// Who works, and until when. Workers by primary key; the table holds as many rows as workers live or wait for the reaper.
import { NOW } from "./fragments.ts";

// $1 id, $2 host, $3 pid, $4 concurrency, $5 leaseMs, $6 queues.
export const register = `
  INSERT INTO pawl.workers (id, host, pid, concurrency, queues, alive, started_at, seen_at, expires_at)
  SELECT $1, $2, $3::int, $4::int, $6::text[], true, now, now, now + $5::bigint FROM (SELECT ${NOW} AS now) AS t`;
// $2 leaseMs, $3 the key of the session lock, NULL to leave it. A worker that was found dead stays dead. The requests that
// wait for it: by jobs_leased.
export const renew = `
  WITH renewed AS (
    UPDATE pawl.workers SET expires_at = ${NOW} + $2::bigint, seen_at = ${NOW}, lock_key = coalesce($3::bigint, lock_key)
    WHERE id = $1 AND alive AND expires_at > ${NOW}
    RETURNING id
  )
  SELECT coalesce((
    SELECT json_agg(json_build_array(j.id, j.token, j.control ->> 'action')) FROM pawl.jobs AS j
    WHERE j.worker_id = $1 AND j.state IN ('pausing', 'cancelling')
  ), '[]') AS requests FROM renewed`;
// What it holds: by jobs_leased.
export const held = "SELECT json_build_array(id, token) AS lease FROM pawl.jobs WHERE worker_id = $1";
export const retire = `UPDATE pawl.workers SET alive = false, seen_at = ${NOW} WHERE id = $1 AND alive`;
// $1 key. Held as long as the session lives, by the lease connection alone. A session takes a key that nobody had before,
// so that it never waits for an earlier one of its process which the server still believes in.
export const lockSession = "SELECT pg_advisory_lock($1::bigint)";
// $1 ids, $2 key. The session is gone, the process is not: from now on its lease alone says that it lives.
export const forgetSession =
  "UPDATE pawl.workers SET lock_key = NULL WHERE id = ANY ($1::text[]) AND lock_key = $2::bigint";
// What a sweep has to know: whether somebody is dead by the lease's time; whose session is gone; since when the server runs.
// Never by trying a lock: whoever tries one holds it for a moment.
export const look = `
  WITH held AS MATERIALIZED (
    SELECT (l.classid::bigint << 32) | l.objid::bigint AS key FROM pg_locks AS l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  )
  SELECT
    extract(epoch FROM pg_postmaster_start_time())::float8 AS server_started,
    extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8 * 1000 AS server_up_ms,
    (SELECT count(*) FROM pawl.workers AS w WHERE w.alive AND w.expires_at > ${NOW})::int AS workers,
    EXISTS (SELECT 1 FROM pawl.workers AS w WHERE NOT w.alive OR w.expires_at <= ${NOW}) AS somebody_died,
    coalesce((
      SELECT json_agg(json_build_array(w.id, w.lock_key::text)) FROM pawl.workers AS w
      WHERE w.alive AND w.lock_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM held WHERE held.key = w.lock_key)
    ), '[]') AS missing`;
// By compare-and-set: of two reapers one expires a worker, and it does not matter which.
export const expireWorkers = `UPDATE pawl.workers SET alive = false WHERE alive AND expires_at <= ${NOW}`;
// $1 [id, key], ...: a worker that has another session by now lives.
export const expireGone = `
  UPDATE pawl.workers AS w SET alive = false FROM jsonb_array_elements($1::jsonb) AS gone
  WHERE w.id = gone ->> 0 AND w.lock_key = (gone ->> 1)::bigint AND w.alive`;
export const removeDeadWorkers = `
  DELETE FROM pawl.workers AS w WHERE NOT w.alive
    AND NOT EXISTS (SELECT 1 FROM pawl.jobs AS j WHERE j.worker_id = w.id)`;
// What each holds by jobs_leased, which has as many rows as jobs run.
export const workers = `
  WITH leased AS (
    SELECT worker_id, id, type, queue, claimed_at, row_number() OVER (PARTITION BY worker_id ORDER BY claimed_at, n) AS nth
    FROM pawl.jobs WHERE worker_id IS NOT NULL
  ),
  held AS (
    SELECT worker_id, count(*) AS jobs,
      json_agg(json_build_array(id, type, queue, claimed_at) ORDER BY nth) FILTER (WHERE nth <= 100) AS first
    FROM leased GROUP BY worker_id
  )
  SELECT json_build_array(w.id, w.host, w.pid, w.concurrency, w.queues, w.started_at, w.seen_at,
    coalesce(h.jobs, 0), coalesce(h.first, '[]')) AS worker
  FROM pawl.workers AS w LEFT JOIN held AS h ON h.worker_id = w.id
  WHERE w.alive AND w.expires_at > ${NOW} ORDER BY w.started_at, w.id`;
