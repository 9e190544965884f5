// Jobs by id.
import { LISTED, RECORD } from "./fragments.ts";

// Served by the unique index on id. $1: a JSON array of ids.
const AMONG = "id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb)))";
export const get = `
  SELECT ${RECORD} AS record FROM pawl.jobs WHERE ${AMONG}`;
export const listed = `
  SELECT ${LISTED} AS record FROM pawl.jobs WHERE ${AMONG}`;

// The first entry is the submit, told from the job's row; the others are a range of the primary key.
export const history = `
  SELECT json_build_array(seq, at, kind, actor, reason, attempt, state, phase, data) AS entry FROM (
    SELECT 1 AS seq, created_at AS at, 'submit' AS kind, submitted_by AS actor, NULL AS reason, 1 AS attempt,
      'queued' AS state, 'forward' AS phase, NULL AS data
    FROM pawl.jobs WHERE id = $1 AND $2::bigint < 1
    UNION ALL (
      SELECT seq, at, kind, actor, reason, attempt, state, phase, data FROM pawl.history
      WHERE job = (SELECT n FROM pawl.jobs WHERE id = $1) AND seq > $2::bigint ORDER BY seq LIMIT $3::int
    )
  ) AS entries ORDER BY seq LIMIT $3::int`;

// A range of the primary key.
export const logs = `
  SELECT json_build_array(seq, at, level, message, fields) AS line FROM pawl.logs
  WHERE job = (SELECT n FROM pawl.jobs WHERE id = $1) AND seq > $2::bigint ORDER BY seq LIMIT $3::int`;
