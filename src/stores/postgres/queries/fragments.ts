// What the statements share: a job as one record, as one change, and the lease check. Batches arrive as one JSON array of
// arrays, by position, as in the SQLite store. Rows of jobs are locked in the order of `n`, so that two batches that meet
// wait for each other and never in a circle. Text that a job's author wrote (input, output, cursor, details, fields)
// travels as a string in the JSON, so that PostgreSQL never parses it.

/** The time of the statement: asked once, so that indexes serve what is compared with it. */
export const NOW = "(SELECT pawl.now_ms())";

const LISTED_FIELDS = `
  id, type, queue, key, exclusive_group, priority, labels, error,
  state, phase, run, token, attempt, max_attempts, crash_count, can_rollback::int, rollback_on_failure::int,
  control::text, seq, cursor, saved_at, progress, artifacts, abandoned::int, worker_id,
  created_at, available_at, started_at, claimed_at, finished_at, running_ms,
  timeout_ms, concurrency_key, secret_fields, stalled::int`;

/** A job without what may be large, as one JSON array; `rows.ts` reads it in this order. */
export const LISTED = `json_build_array(${LISTED_FIELDS})`;

/** A whole job: the same, then what may be large. */
export const RECORD = `json_build_array(${LISTED_FIELDS}, input, output)`;

/** What a notice says of a changed job. */
export const CHANGE = "json_build_array(id, type, queue, state, phase)";

// Statistics are of some time ago: a statement that was planned when few jobs were there, or none ran, is used when there
// are a million. So what follows leaves the planner no choice but one seek of an index a member.

/** True of all members; the planner takes it for true of one of them. */
export const FEW = "jsonb_typeof(v) = 'array'";

/** The number of a job, by the unique index on id. */
export const numberOf = (id: string) => `(SELECT i.n FROM pawl.jobs AS i WHERE i.id = ${id})`;

/** Whether the job is that of a row that names its number. By primary key. */
export const isOf = (job: string, row: string) => `${job}.n = ANY (ARRAY[${row}.n])`;

/** Whether the job's lease is the one of a member [id, workerId, token, ...]. */
export const holds = (job: string, member: string) =>
  `${job}.worker_id IS NOT DISTINCT FROM ${member}.v ->> 1 AND ${job}.token = (${member}.v ->> 2)::int`;
