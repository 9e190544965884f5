// Writing over a job that waits or is paused, whose row is locked. Where a value is NULL, what is there stays.
import { CHANGE, NOW, RECORD } from "./fragments.ts";

// Served by the unique index on id. $2: the input that is expected, as text: what was read and is written again is the same
// text.
export const editable = `
  SELECT n::float8 AS n, state IN ('queued', 'paused') AS editable, started_at IS NULL AS unstarted,
    $2::text IS NULL OR input = $2 AS expected
  FROM pawl.jobs WHERE id = $1 FOR UPDATE`;
// Served by the partial unique index.
export const groupHolder = `
  SELECT id FROM pawl.jobs WHERE exclusive_group = $2 AND finished_at IS NULL AND id <> $1`;

// $2 priority, $3 availableAt, $4 whether it waits for nothing, $5 maxAttempts, $6 labels, $7 actor, $8 reason, $9 data.
// By the unique index on id.
export const edit = `
  WITH e AS (
    UPDATE pawl.jobs SET
      priority = coalesce($2::int, priority),
      available_at = CASE WHEN $4::boolean THEN ${NOW} ELSE coalesce($3::bigint, available_at) END,
      max_attempts = coalesce($5::int, max_attempts),
      labels = CASE WHEN $6::text IS NULL THEN labels ELSE nullif($6, '{}') END,
      event_seq = event_seq + 1
    WHERE id = $1
    RETURNING n, event_seq, attempt, state, phase
  )
  INSERT INTO pawl.history (job, seq, at, kind, actor, reason, attempt, state, phase, data)
  SELECT n, event_seq, ${NOW}, 'edit', $7, $8, attempt, state, phase, $9 FROM e`;
// $2 input, $3 group, $4 concurrency key, $5 secret fields.
export const editInput = `
  UPDATE pawl.jobs SET input = $2, exclusive_group = $3, concurrency_key = $4, secret_fields = nullif($5, '[]')
  WHERE id = $1`;
export const edited = `
  SELECT ${CHANGE} AS change, available_at::float8 AS available_at, ${RECORD} AS record FROM pawl.jobs WHERE id = $1`;

// Served by labels_job, then by primary key. $1: the job's number.
export const dropLabels = "DELETE FROM pawl.labels WHERE job = $1::bigint";
export const storeLabels = `
  INSERT INTO pawl.labels (label, job) SELECT key || ':' || value, $1::bigint FROM jsonb_each_text($2::jsonb)
  ON CONFLICT DO NOTHING`;

const NAMED = "(SELECT jsonb_array_elements_text($2::jsonb))";
// Served by file_users_job and files_job. What the new input does not name any more goes to another of its users, or is
// nobody's again. $1 is the job's id, $2 the files that it names.
export const leaveFiles = `DELETE FROM pawl.file_users WHERE job_id = $1 AND file NOT IN ${NAMED}`;
export const useFiles = `
  INSERT INTO pawl.file_users (file, job_id) SELECT id, $1 FROM jsonb_array_elements_text($2::jsonb) AS f (id)
  ON CONFLICT DO NOTHING`;
export const giveBackFiles = `
  UPDATE pawl.files AS f SET job_id = (SELECT min(u.job_id) FROM pawl.file_users AS u WHERE u.file = f.id)
  WHERE f.job_id = $1 AND f.kind = 'upload' AND f.id NOT IN ${NAMED}`;
export const adoptFiles = `UPDATE pawl.files SET job_id = $1 WHERE id IN ${NAMED} AND kind = 'upload'`;
