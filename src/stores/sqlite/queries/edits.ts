// Writing over a job that waits or is paused. Where a parameter is NULL, what is there stays.
import { CHANGE, LARGE_INPUT_BYTES } from "./fragments.ts";

// Served by the unique index on id.
export const editable = `
  SELECT n, type, queue, state IN ('queued', 'paused') AS editable, started_at IS NULL AS unstarted
  FROM jobs WHERE id = ?`;
// By rowid. As texts: what was read and is written again is the same text.
export const hasInput = `
  SELECT 1 FROM jobs
  WHERE n = ?1 AND coalesce(input, (SELECT l.input FROM large_inputs AS l WHERE l.job = n)) = ?2`;
// Served by the partial unique index.
export const groupHolder = `
  SELECT id FROM jobs WHERE exclusive_group = ?2 AND finished_at IS NULL AND n <> ?1`;

// By rowid, as the others.
export const edit = `
  UPDATE jobs SET
    priority = coalesce(:priority, priority),
    available_at = coalesce(:availableAt, available_at),
    ready = coalesce(:availableAt <= :now, ready),
    max_attempts = coalesce(:maxAttempts, max_attempts),
    labels = iif(:labels IS NULL, labels, nullif(:labels, '{}')),
    event_seq = event_seq + 1
  WHERE n = :job AND state IN ('queued', 'paused')`;
export const editInput = `
  UPDATE jobs SET
    input = CASE WHEN octet_length(:input) <= ${LARGE_INPUT_BYTES} THEN :input END,
    exclusive_group = :exclusiveGroup,
    concurrency_key = :concurrencyKey,
    secret_fields = nullif(:secretFields, '[]')
  WHERE n = :job AND state IN ('queued', 'paused') AND started_at IS NULL`;
export const recordEdit = `
  INSERT INTO history (job, seq, at, kind, actor, reason, attempt, state, phase, data)
  SELECT n, event_seq, :now, 'edit', :actor, :reason, attempt, state, phase, :data FROM jobs WHERE n = :job`;
export const edited = `SELECT ${CHANGE} AS change, available_at FROM jobs WHERE n = ?`;

export const storeLargeInput = `
  INSERT INTO large_inputs (job, input) SELECT ?1, ?2 WHERE octet_length(?2) > ${LARGE_INPUT_BYTES}
  ON CONFLICT (job) DO UPDATE SET input = excluded.input`;
export const dropLargeInput = `DELETE FROM large_inputs WHERE job = ?1 AND octet_length(?2) <= ${LARGE_INPUT_BYTES}`;

// Served by labels_job, then by primary key.
export const dropLabels = "DELETE FROM labels WHERE job = ?";
export const storeLabels = `
  INSERT OR IGNORE INTO labels (label, job) SELECT key || ':' || value, ?1 FROM json_each(?2)`;

// Served by file_users_job and files_job. What the new input does not name any more goes to another of its users, or is
// nobody's again. ?1 is the job's id, ?2 the files that it names.
export const leaveFiles = `
  DELETE FROM file_users WHERE job_id = ?1 AND file NOT IN (SELECT value FROM json_each(?2))`;
export const giveBackFiles = `
  UPDATE files SET job_id = (SELECT min(u.job_id) FROM file_users AS u WHERE u.file = files.id)
  WHERE job_id = ?1 AND kind = 'upload' AND id NOT IN (SELECT value FROM json_each(?2))`;
export const useFiles = "INSERT OR IGNORE INTO file_users (file, job_id) SELECT value, ?1 FROM json_each(?2)";
export const adoptFiles = `
  UPDATE files SET job_id = ?1 WHERE id IN (SELECT value FROM json_each(?2)) AND kind = 'upload'`;
