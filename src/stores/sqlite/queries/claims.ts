// Handing out waiting jobs, in claim order. A waiting job is in jobs_scheduled until its time has come, then in jobs_ready,
// and with a concurrency key in jobs_keys as well. The plus in LIMIT is worth more than the query: SQLite looks at a bare
// parameter there when it plans, and so prepares the statement again for every run (6 us instead of 1).
import { phaseAfter, stateAfter, type Vocabulary } from "../../sql/transitions.ts";
import { RECORD } from "./fragments.ts";

const READY = "state = 'queued' AND ready = 1";

// One lane, without or with keys: a range of jobs_ready, which covers it. ?5 leaves out what was read before.
export const candidates = `
  SELECT n, priority, available_at, concurrency_key FROM jobs INDEXED BY jobs_ready
  WHERE ${READY} AND queue = ?1 AND type = ?2 AND (concurrency_key IS NOT NULL) = ?3
  ORDER BY priority DESC, available_at, n LIMIT +?4 OFFSET +?5`;

// From key to key, one seek of jobs_keys each; then the jobs of one key, a range of it.
export const firstKey = `
  SELECT min(concurrency_key) AS key FROM jobs INDEXED BY jobs_keys
  WHERE ${READY} AND concurrency_key IS NOT NULL AND queue = ?1 AND type = ?2`;
export const nextKey = `${firstKey} AND concurrency_key > ?3`;
export const candidatesOfKey = `
  SELECT n, priority, available_at, concurrency_key FROM jobs INDEXED BY jobs_keys
  WHERE ${READY} AND queue = ?1 AND type = ?2 AND concurrency_key = ?3
  ORDER BY priority DESC, available_at, n LIMIT +?4`;
// A range of jobs_held_keys.
export const heldOfKey = `
  SELECT count(*) AS held FROM jobs INDEXED BY jobs_held_keys
  WHERE worker_id IS NOT NULL AND type = ?1 AND concurrency_key = ?2`;

// One seek of jobs_scheduled, and a range of it.
export const nextScheduled = `
  SELECT min(available_at) AS next FROM jobs INDEXED BY jobs_scheduled
  WHERE state = 'queued' AND ready = 0 AND queue = ?1 AND type = ?2`;
export const makeReady = `
  UPDATE jobs SET ready = 1 WHERE n IN (
    SELECT n FROM jobs INDEXED BY jobs_scheduled
    WHERE state = 'queued' AND ready = 0 AND queue = ?1 AND type = ?2 AND available_at <= ?3
    ORDER BY available_at, n LIMIT +?4
  )`;

const claimWords: Vocabulary = { phase: "phase", state: "state", conditions: {} };

// By rowid. ?1 rows, ?2 worker, ?3 now.
export const claim = `
  UPDATE jobs NOT INDEXED SET
    state = ${stateAfter("claim", claimWords)},
    phase = ${phaseAfter("claim", claimWords)},
    token = token + 1,
    worker_id = ?2,
    claimed_at = ?3,
    started_at = coalesce(started_at, ?3),
    event_seq = event_seq + 1
  WHERE n IN (SELECT value FROM json_each(?1)) AND ${stateAfter("claim", claimWords)} IS NOT NULL
  RETURNING n, ${RECORD} AS record`;
/** Where a job goes on that was begun before. */
const PLACE = `
  CASE WHEN saved_at IS NOT NULL THEN
    json_object('checkpoint', seq, 'done', json_extract(progress, '$.done'), 'unit', json_extract(progress, '$.unit'))
  END`;
export const recordClaims = `
  INSERT INTO history (job, seq, at, kind, actor, attempt, state, phase, data)
  SELECT n, event_seq, ?2, 'claim', 'worker:' || worker_id, attempt, state, phase, ${PLACE}
  FROM jobs WHERE n IN (SELECT value FROM json_each(?1))`;
