// Deleting jobs with everything of them.
import { CHANGE, RECORD } from "./fragments.ts";

export const removable = `SELECT n::float8 AS n, ${RECORD} AS record FROM pawl.jobs WHERE id = $1`;

// $1: numbers of jobs, a JSON array; $2: states, a JSON array. By primary key, locked in the order of n; whoever is in another
// state by now stays. What is beside them: by each primary key's first column, or labels_job.
export const removeJobs = `
  WITH given AS MATERIALIZED (
    SELECT n FROM pawl.jobs
    WHERE n IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb))
      AND state IN (SELECT jsonb_array_elements_text($2::jsonb))
    ORDER BY n
    FOR UPDATE
  ),
  gone AS (DELETE FROM pawl.jobs WHERE n IN (SELECT n FROM given) RETURNING n, id, type, queue, state, phase),
  r1 AS (DELETE FROM pawl.history WHERE job IN (SELECT n FROM gone) RETURNING 1),
  r2 AS (DELETE FROM pawl.logs WHERE job IN (SELECT n FROM gone) RETURNING 1),
  r3 AS (DELETE FROM pawl.labels WHERE job IN (SELECT n FROM gone) RETURNING 1),
  r4 AS (DELETE FROM pawl.steps WHERE job IN (SELECT n FROM gone) RETURNING 1),
  r5 AS (DELETE FROM pawl.journal WHERE job IN (SELECT n FROM gone) RETURNING 1),
  r6 AS (DELETE FROM pawl.journals WHERE job IN (SELECT n FROM gone) RETURNING 1),
  counted AS (
    INSERT INTO pawl.count_changes (at, from_state, to_state, type, queue, jobs)
    SELECT pawl.now_ms(), state, NULL, type, queue, count(*) FROM gone GROUP BY state, type, queue
  )
  SELECT id, ${CHANGE} AS change,
    ((SELECT count(*) FROM r1) + (SELECT count(*) FROM r2) + (SELECT count(*) FROM r3) + (SELECT count(*) FROM r4)
      + (SELECT count(*) FROM r5) + (SELECT count(*) FROM r6))::float8 AS rows
  FROM gone`;

const GIVEN = "(SELECT jsonb_array_elements_text($1::jsonb))";
// $1: ids of jobs. Served by file_users_job and files_job. An upload that other jobs use goes on with one of them.
export const removeFileUsers = `DELETE FROM pawl.file_users WHERE job_id IN ${GIVEN}`;
export const passFilesOn = `
  UPDATE pawl.files AS f SET job_id = (SELECT min(u.job_id) FROM pawl.file_users AS u WHERE u.file = f.id)
  WHERE f.job_id IN ${GIVEN} AND EXISTS (SELECT 1 FROM pawl.file_users AS u WHERE u.file = f.id)`;
export const removeJobFiles = `DELETE FROM pawl.files WHERE job_id IN ${GIVEN} RETURNING id`;
