// Schedules and their firings. All by primary key; there are as many rows as people made schedules.
import { NOW } from "./fragments.ts";

// With the time at which it was asked. The last firing is the last of its range of the primary key.
export const schedules = `
  SELECT json_build_array(name, cron, time_zone, type, input, queue, priority, labels, overlap, missed, paused::int, next_at,
    (SELECT json_build_array(f.fire_at, f.at, f.outcome, f.job_id, f.message) FROM pawl.firings AS f
      WHERE f.schedule = s.name ORDER BY f.fire_at DESC LIMIT 1),
    last_job_id, created_at, updated_at, revision) AS schedule, ${NOW}::float8 AS now
  FROM pawl.schedules AS s ORDER BY name`;

// $1 name, $2 cron, $3 timeZone, $4 type, $5 input, $6 queue, $7 priority, $8 labels, $9 overlap, $10 missed, $11 paused,
// $12 nextAt.
export const createSchedule = `
  INSERT INTO pawl.schedules (name, cron, time_zone, type, input, queue, priority, labels, overlap, missed, paused, next_at,
    created_at, updated_at, revision)
  SELECT $1, $2, $3, $4, $5, $6, $7::int, $8, $9, $10, $11::boolean, $12::bigint, now, now, 1
  FROM (SELECT ${NOW} AS now) AS t
  ON CONFLICT (name) DO NOTHING RETURNING name`;
// $13: the revision that it was made of.
export const editSchedule = `
  UPDATE pawl.schedules SET cron = $2, time_zone = $3, type = $4, input = $5, queue = $6, priority = $7::int, labels = $8,
    overlap = $9, missed = $10, paused = $11::boolean, next_at = $12::bigint, updated_at = ${NOW}, revision = revision + 1
  WHERE name = $1 AND revision = $13::bigint RETURNING name`;
export const removeSchedule = `
  WITH firings AS (DELETE FROM pawl.firings WHERE schedule = $1)
  DELETE FROM pawl.schedules WHERE name = $1 RETURNING name`;

// A firing that is due as of this revision: the row is locked, so that one process of all records it. Its last job by the
// unique index on id.
export const due = `
  SELECT overlap = 'skip' AND EXISTS (SELECT 1 FROM pawl.jobs AS j WHERE j.id = s.last_job_id AND j.finished_at IS NULL)
    AS overlaps
  FROM pawl.schedules AS s WHERE name = $1 AND revision = $2::bigint AND NOT paused AND next_at <= $3::bigint FOR UPDATE`;
export const recorded = "SELECT 1 AS there FROM pawl.firings WHERE schedule = $1 AND fire_at = $2::bigint";
export const recordFiring = `
  INSERT INTO pawl.firings (schedule, fire_at, at, outcome, job_id, message)
  VALUES ($1, $2::bigint, ${NOW}, $3, $4, $5)`;
export const moveOn = `
  UPDATE pawl.schedules SET next_at = $2::bigint, last_job_id = coalesce($3, last_job_id) WHERE name = $1`;
// Keeps the newest $2 of one schedule.
export const trimFirings = `
  DELETE FROM pawl.firings WHERE schedule = $1 AND fire_at <= (
    SELECT fire_at FROM pawl.firings WHERE schedule = $1 ORDER BY fire_at DESC LIMIT 1 OFFSET $2::int)`;
