// What an attempt writes while it runs.
import { CHANGE, HELD_JOB } from "./fragments.ts";

// Members: [id, workerId, token, seq, cursor, progress], each job once. Jobs by the unique index on id, then by rowid.
export const checkpoint = `
  WITH t AS MATERIALIZED (
    SELECT j.n AS n, p.value ->> 3 AS seq, p.value ->> 4 AS cursor, p.value ->> 5 AS progress
    FROM ${HELD_JOB}
  )
  UPDATE jobs SET seq = max(jobs.seq, t.seq),
    cursor = iif(t.seq > jobs.seq, t.cursor, jobs.cursor),
    progress = iif(t.seq > jobs.seq, t.progress, jobs.progress),
    saved_at = iif(t.seq > jobs.seq, ?2, jobs.saved_at),
    crash_count = iif(t.seq > jobs.seq, 0, jobs.crash_count),
    stalled = iif(t.seq > jobs.seq, 0, jobs.stalled)
  FROM t WHERE jobs.n = +t.n
  RETURNING ${CHANGE} AS change`;

// Members: [id, workerId, token, progress], each job once. As checkpoint.
export const reportProgress = `
  WITH t AS MATERIALIZED (SELECT j.n AS n, p.value ->> 3 AS progress FROM ${HELD_JOB})
  UPDATE jobs SET progress = t.progress FROM t WHERE jobs.n = +t.n
  RETURNING ${CHANGE} AS change`;

// Served by the unique index on id, as is the next.
export const mark = {
  abandoned: `
    UPDATE jobs SET abandoned = 1, event_seq = event_seq + 1
    WHERE id = ?1 AND worker_id = ?2 AND token = ?3 AND NOT abandoned
    RETURNING ${CHANGE} AS change`,
  stalled: `
    UPDATE jobs SET stalled = 1, event_seq = event_seq + 1
    WHERE id = ?1 AND worker_id = ?2 AND token = ?3 AND NOT stalled
    RETURNING ${CHANGE} AS change`,
} as const;
export const recordMark = `
  INSERT INTO history (job, seq, at, kind, actor, attempt, state, phase)
  SELECT n, event_seq, ?2, ?3, 'worker:' || worker_id, attempt, state, phase FROM jobs WHERE id = ?1`;

// One held job. Served by the unique index on id.
export const heldJob = "SELECT n, artifacts FROM jobs WHERE id = ? AND worker_id = ? AND token = ?";

// Members: [id, workerId, token, at, level, message, fields]. Each job's last line by the primary key of logs.
export const appendLogs = `
  INSERT INTO logs (job, seq, at, level, message, fields)
  SELECT j.n, coalesce((SELECT max(l.seq) FROM logs AS l WHERE l.job = j.n), 0)
      + row_number() OVER (PARTITION BY j.n ORDER BY p.key),
    p.value ->> 3, p.value ->> 4, p.value ->> 5, p.value ->> 6
  FROM ${HELD_JOB}`;
// A range at the beginning of one job's lines.
export const trimLogs = `
  DELETE FROM logs WHERE job = (SELECT n FROM jobs WHERE id = ?1)
    AND seq <= (SELECT max(l.seq) FROM logs AS l WHERE l.job = (SELECT n FROM jobs WHERE id = ?1)) - ?2`;
