// Finding what is kept no longer.
import { COUNTS } from "./counts.ts";
import { NOW } from "./fragments.ts";

// $1 state, $2 ageMs, $3 limit. A range of jobs_finished.
export const aged = `
  SELECT n::float8 AS n FROM pawl.jobs WHERE state = $1 AND finished_at <= ${NOW} - $2::bigint
  ORDER BY finished_at, n LIMIT $3::int`;
export const inState = `SELECT coalesce(sum(jobs), 0)::float8 AS jobs FROM ${COUNTS} AS c WHERE state = $1`;
// $1 state, $2 limit: those that were submitted first. By primary key, past what is not in the state.
export const oldest = "SELECT n::float8 AS n FROM pawl.jobs WHERE state = $1 ORDER BY n LIMIT $2::int";

// $1 ageMs, $2 limit. A range of files_free.
export const removeUploads = `
  DELETE FROM pawl.files WHERE id IN (
    SELECT id FROM pawl.files WHERE job_id IS NULL AND created_at <= ${NOW} - $1::bigint AND kind = 'upload'
    ORDER BY created_at LIMIT $2::int FOR UPDATE SKIP LOCKED
  ) RETURNING id`;
export const forgetMinutes = `DELETE FROM pawl.minutes WHERE at <= ${NOW} - 86400000`;
