// Queues as operators set them. The table holds those that were ever set.
import { NOW } from "./fragments.ts";

const QUEUE = "json_build_array(name, paused_at, paused_by, pause_reason, concurrency, rate_max, rate_per_ms)";

export const queues = `SELECT ${QUEUE} AS queue FROM pawl.queues ORDER BY name`;
// One statement, so that two changes of one queue both count: $1 name, $2 whether the pause is changed, $3 whether to
// pause, $4 actor, $5 reason, $6 whether the concurrency is changed, $7 it, $8 whether the rate limit is, $9 max, $10 perMs.
// A pause of a paused queue keeps the first. By primary key.
export const setQueue = `
  INSERT INTO pawl.queues AS q (name, paused_at, paused_by, pause_reason, concurrency, rate_max, rate_per_ms)
  SELECT $1, CASE WHEN $3::boolean THEN ${NOW} END, CASE WHEN $3::boolean THEN $4 END,
    CASE WHEN $3::boolean THEN $5 END, $7::int, $9::int, $10::bigint
  ON CONFLICT (name) DO UPDATE SET
    paused_at = CASE WHEN NOT $2::boolean THEN q.paused_at
      WHEN $3::boolean THEN coalesce(q.paused_at, excluded.paused_at) END,
    paused_by = CASE WHEN NOT $2::boolean OR $3::boolean AND q.paused_at IS NOT NULL THEN q.paused_by
      WHEN $3::boolean THEN excluded.paused_by END,
    pause_reason = CASE WHEN NOT $2::boolean OR $3::boolean AND q.paused_at IS NOT NULL THEN q.pause_reason
      WHEN $3::boolean THEN excluded.pause_reason END,
    concurrency = CASE WHEN $6::boolean THEN excluded.concurrency ELSE q.concurrency END,
    rate_max = CASE WHEN $8::boolean THEN excluded.rate_max ELSE q.rate_max END,
    rate_per_ms = CASE WHEN $8::boolean THEN excluded.rate_per_ms ELSE q.rate_per_ms END
  RETURNING ${QUEUE} AS queue`;
// By starts_queue.
export const forgetStarts = "DELETE FROM pawl.starts WHERE queue = $1";
