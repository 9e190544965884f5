// Figures about all jobs, from what the writer keeps: see queries/counts.ts.

export const counts = "SELECT json_array(state, type, queue, jobs) AS record FROM job_counts";
// A range by rowid.
export const throughput = `
  SELECT json_array(at, submitted, started, succeeded, failed, cancelled, rolled_back, rollback_failed) AS record
  FROM minutes WHERE at > ? AND at <= ? ORDER BY at`;

const WAITS = "state = 'queued' AND ready = 1 AND (concurrency_key IS NOT NULL) = l.keyed";

// Seeks only: per lane (type and queue, without and with keys), and per priority at which jobs wait there, the one that was
// available first; and of those whose time has come but that no claim has met yet, the first of each lane. Lanes of paused
// queues are left out. With very many lanes and priorities the lowest priorities are not looked at.
export const oldestWaiting = `
  WITH RECURSIVE
    lanes (type, queue, keyed) AS (
      SELECT c.type, c.queue, k.value FROM job_counts AS c CROSS JOIN json_each('[0,1]') AS k
      WHERE c.state = 'queued'
        AND NOT EXISTS (SELECT 1 FROM queues AS q WHERE q.name = c.queue AND q.paused_at IS NOT NULL)
    ),
    levels (type, queue, keyed, priority) AS (
      SELECT l.type, l.queue, l.keyed, (
        SELECT max(priority) FROM jobs INDEXED BY jobs_ready WHERE ${WAITS} AND queue = l.queue AND type = l.type
      ) FROM lanes AS l
      UNION ALL
      SELECT l.type, l.queue, l.keyed, (
        SELECT max(priority) FROM jobs INDEXED BY jobs_ready
        WHERE ${WAITS} AND queue = l.queue AND type = l.type AND priority < l.priority
      ) FROM levels AS l WHERE l.priority IS NOT NULL
      LIMIT 10000
    ),
    first (n) AS (
      SELECT (
        SELECT n FROM jobs INDEXED BY jobs_ready
        WHERE ${WAITS} AND queue = l.queue AND type = l.type AND priority = l.priority ORDER BY available_at, n LIMIT 1
      ) FROM levels AS l WHERE l.priority IS NOT NULL
      UNION ALL
      SELECT (
        SELECT n FROM jobs INDEXED BY jobs_scheduled
        WHERE state = 'queued' AND ready = 0 AND queue = l.queue AND type = l.type AND available_at <= ?
        ORDER BY available_at, n LIMIT 1
      ) FROM lanes AS l WHERE l.keyed = 0
    )
  SELECT json_array(id, type, queue, available_at) AS record
  FROM jobs WHERE n IN (SELECT n FROM first) ORDER BY available_at, n LIMIT 1`;
