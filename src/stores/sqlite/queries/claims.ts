// Handing out waiting jobs, in claim order.
import { phaseAfter, stateAfter, type Vocabulary } from "../transitions.ts";
import { RECORD } from "./fragments.ts";

// The next lower priority at which jobs of a type wait: one seek in jobs_queued.
export const claimPriority = `
  SELECT max(priority) AS priority FROM jobs INDEXED BY jobs_queued WHERE state = 'queued' AND type = ? AND priority < ?`;
// The claimable jobs of one type and priority, in claim order: a range of jobs_queued, which covers it.
export const claimable = `
  SELECT available_at, n, queue FROM jobs INDEXED BY jobs_queued
  WHERE state = 'queued' AND type = ? AND priority = ? AND available_at <= ?
  ORDER BY available_at, n LIMIT ?`;
// The first job of one type and priority to become available: one seek in jobs_queued.
export const claimNext = `
  SELECT min(available_at) AS next FROM jobs INDEXED BY jobs_queued WHERE state = 'queued' AND type = ? AND priority = ?`;

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
export const recordClaims = `
  INSERT INTO history (job, seq, at, kind, actor, attempt, state, phase)
  SELECT n, event_seq, ?2, 'claim', 'worker:' || worker_id, attempt, state, phase
  FROM jobs WHERE n IN (SELECT value FROM json_each(?1))`;
