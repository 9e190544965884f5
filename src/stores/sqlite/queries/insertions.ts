// New jobs, and what goes beside them.
import { LARGE_INPUT_BYTES } from "./fragments.ts";

// Members: [id, type, queue, key, group, priority, labels, input, maxAttempts, canRollback, rollbackOnFailure,
// availableAt, actor, fileIds, queueLimit, timeoutMs, concurrencyKey, secretFields], and dedupeKey, windowMs and mode where
// deduplication is asked for. The unique indexes on id, key and group decide; refused members are left out.
export const insert = `
  INSERT INTO jobs (id, type, queue, key, exclusive_group, priority, labels, input, max_attempts, can_rollback,
    rollback_on_failure, available_at, submitted_by, created_at, timeout_ms, concurrency_key, secret_fields, ready)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    CASE WHEN octet_length(value ->> 7) <= ${LARGE_INPUT_BYTES} THEN value ->> 7 END,
    value ->> 8, value ->> 9, value ->> 10, coalesce(value ->> 11, ?2), value ->> 12, ?2,
    value ->> 15, value ->> 16, value ->> 17, coalesce(value ->> 11 <= ?2, 1)
  FROM jsonb_each(?1) WHERE true
  ON CONFLICT DO NOTHING`;

// Run only when members are judged. An id that is there already was inserted before, so it is the same job.
export const insertAnswers = `
  SELECT json_group_array(CASE
    WHEN id IS NOT NULL THEN json_array('inserted', created_at, available_at)
    WHEN key_holder IS NOT NULL THEN json_array('key_taken', key_holder)
    ELSE json_array('exclusive_group_taken', group_holder)
  END) AS answers
  FROM (
    SELECT j.id AS id, j.created_at AS created_at, j.available_at AS available_at,
      (SELECT h.id FROM jobs AS h WHERE h.key = p.value ->> 3 AND h.finished_at IS NULL) AS key_holder,
      (SELECT h.id FROM jobs AS h WHERE h.exclusive_group = p.value ->> 4 AND h.finished_at IS NULL) AS group_holder
    FROM jsonb_each(?1) AS p LEFT JOIN jobs AS j ON j.id = p.value ->> 0
    ORDER BY p.key
  )`;

// The last rows of the table.
export const insertedPlaces = "SELECT type, queue, count(*) AS jobs FROM jobs WHERE n > ? GROUP BY type, queue";

// Run only for batches that have such members.
export const insertLargeInputs = `
  INSERT OR IGNORE INTO large_inputs (job, input)
  SELECT j.n, p.value ->> 7 FROM jsonb_each(?1) AS p CROSS JOIN jobs AS j ON j.id = p.value ->> 0
  WHERE octet_length(p.value ->> 7) > ${LARGE_INPUT_BYTES}`;
export const insertLabels = `
  INSERT OR IGNORE INTO labels (label, job)
  SELECT l.key || ':' || l.value, j.n
  FROM jsonb_each(?1) AS p CROSS JOIN jobs AS j ON j.id = p.value ->> 0 CROSS JOIN json_each(p.value ->> 6) AS l`;
export const useFiles = `
  INSERT OR IGNORE INTO file_users (file, job_id)
  SELECT f.value, p.value ->> 0 FROM jsonb_each(?1) AS p CROSS JOIN json_each(p.value -> 13) AS f
  WHERE EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = p.value ->> 0)`;
export const adoptFiles = `
  UPDATE files SET job_id = t.job
  FROM (
    SELECT f.value AS file, p.value ->> 0 AS job FROM jsonb_each(?1) AS p CROSS JOIN json_each(p.value -> 13) AS f
    WHERE EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = p.value ->> 0)
  ) AS t
  WHERE files.id = +t.file AND files.kind = 'upload'`;
