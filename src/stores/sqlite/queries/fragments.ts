// What the statements share: a job as one record, as one change, and the lease check. Batches arrive as one JSON array of
// arrays, by position, and are joined to `jobs`; `jsonb_each` hands out parsed members, so that reading a field does not
// parse the member again. Lock order does not matter here: there is one writer, in BEGIN IMMEDIATE. Text that a job's
// author wrote (input, output, cursor, details, fields) travels as a string in the JSON, so that SQLite never parses it.

/** Inputs of more than this many bytes do not live in the job's row. */
export const LARGE_INPUT_BYTES = 2_000;

const LISTED_FIELDS = `
  id, type, queue, key, exclusive_group, priority, labels, error,
  state, phase, run, token, attempt, max_attempts, crash_count, can_rollback, rollback_on_failure,
  control, seq, cursor, saved_at, progress, artifacts, abandoned, worker_id,
  created_at, available_at, started_at, claimed_at, finished_at, running_ms,
  timeout_ms, concurrency_key, secret_fields, stalled`;

/** A job without what may be large, as one JSON array; `rows.ts` reads it in this order. */
export const LISTED = `json_array(${LISTED_FIELDS})`;

/** A whole job: the same, then what may be large. */
export const RECORD = `json_array(${LISTED_FIELDS},
  coalesce(input, (SELECT l.input FROM large_inputs AS l WHERE l.job = n)), output)`;

/** What a notice says of a changed job. */
export const CHANGE = "json_array(id, type, queue, state, phase)";

// The lease check of every write of an attempt: `p` brings [id, workerId, token, ...].
export const HELD_JOB = `jsonb_each(?1) AS p CROSS JOIN jobs AS j ON j.id = p.value ->> 0
  WHERE j.worker_id = p.value ->> 1 AND j.token = p.value ->> 2`;
