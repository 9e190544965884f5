// Queues as operators set them. The table holds those that were ever set.

const QUEUE = "json_array(name, paused_at, paused_by, pause_reason, concurrency, rate_max, rate_per_ms) AS record";

export const queues = `SELECT ${QUEUE} FROM queues ORDER BY name`;
// By primary key.
export const setQueue = `
  INSERT INTO queues (name, paused_at, paused_by, pause_reason, concurrency, rate_max, rate_per_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    paused_at = excluded.paused_at,
    paused_by = excluded.paused_by,
    pause_reason = excluded.pause_reason,
    concurrency = excluded.concurrency,
    rate_max = excluded.rate_max,
    rate_per_ms = excluded.rate_per_ms
  RETURNING ${QUEUE}`;
