// Questions: jobs, histories, logs.
import { LISTED, RECORD } from "./fragments.ts";

// Served by the unique index on id.
export const get = `SELECT ${RECORD} AS record FROM jobs WHERE id IN (SELECT value FROM json_each(?))`;
export const listed = `SELECT ${LISTED} AS record FROM jobs WHERE id IN (SELECT value FROM json_each(?))`;

// The first entry is the submit, told from the job's row; the others are a range of the primary key.
export const history = `
  SELECT json_array(seq, at, kind, actor, reason, attempt, state, phase, data) AS record FROM (
    SELECT 1 AS seq, created_at AS at, 'submit' AS kind, submitted_by AS actor, NULL AS reason, 1 AS attempt,
      'queued' AS state, 'forward' AS phase, NULL AS data
    FROM jobs WHERE id = ?1 AND ?2 < 1
    UNION ALL
    SELECT * FROM (
      SELECT seq, at, kind, actor, reason, attempt, state, phase, data FROM history
      WHERE job = (SELECT n FROM jobs WHERE id = ?1) AND seq > ?2 ORDER BY seq LIMIT +?3
    )
  ) LIMIT +?3`;

// A range of the primary key.
export const logs = `
  SELECT json_array(seq, at, level, message, fields) AS record FROM logs
  WHERE job = (SELECT n FROM jobs WHERE id = ?1) AND seq > ?2 ORDER BY seq LIMIT +?3`;

export const ping = "SELECT count(*) FROM (SELECT 1 FROM jobs LIMIT 1)";
