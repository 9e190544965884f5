// Figures about all jobs, from what is kept with every change: see counts.ts.
import { COUNTS, FIGURES, figuresOf } from "./counts.ts";
import { NOW } from "./fragments.ts";

export const counts = `SELECT json_build_array(state, type, queue, jobs) AS count FROM ${COUNTS} AS c`;

// $1 minutes. By primary key, and the changes since the last fold.
export const throughput = `
  WITH t AS (SELECT ${NOW} AS now)
  SELECT json_build_array(at, ${FIGURES.split(", ")
    .map((name) => `sum(${name})`)
    .join(", ")}) AS minute FROM (
    SELECT at, ${FIGURES} FROM pawl.minutes UNION ALL ${figuresOf("pawl.count_changes")}
  ) AS parts CROSS JOIN t
  WHERE at > now - now % 60000 - $1::bigint * 60000 AND at <= now
  GROUP BY at
  HAVING ${FIGURES.split(", ")
    .map((name) => `sum(${name}) <> 0`)
    .join(" OR ")}
  ORDER BY at`;

const WAITS = "j.state = 'queued' AND j.queue = l.queue AND j.type = l.type";

// Seeks of jobs_waiting only: per lane (type and queue), and per priority at which jobs wait there, the one that was
// available first. Lanes of paused queues are left out. With very many lanes and priorities the lowest priorities are not
// looked at.
export const oldestWaiting = `
  WITH RECURSIVE lanes AS (
    SELECT c.type, c.queue FROM ${COUNTS} AS c
    WHERE c.state = 'queued'
      AND NOT EXISTS (SELECT 1 FROM pawl.queues AS q WHERE q.name = c.queue AND q.paused_at IS NOT NULL)
  ),
  levels AS (
    SELECT l.type, l.queue, (SELECT max(j.priority) FROM pawl.jobs AS j WHERE ${WAITS}) AS priority FROM lanes AS l
    UNION ALL
    SELECT l.type, l.queue, (SELECT max(j.priority) FROM pawl.jobs AS j WHERE ${WAITS} AND j.priority < l.priority)
    FROM levels AS l WHERE l.priority IS NOT NULL
  )
  SELECT json_build_array(j.id, j.type, j.queue, j.available_at) AS job
  FROM (SELECT * FROM levels LIMIT 10000) AS l CROSS JOIN LATERAL (
    SELECT j.id, j.type, j.queue, j.available_at, j.n FROM pawl.jobs AS j
    WHERE ${WAITS} AND j.priority = l.priority AND j.available_at <= ${NOW}
    ORDER BY j.available_at, j.n LIMIT 1
  ) AS j
  ORDER BY j.available_at, j.n LIMIT 1`;
