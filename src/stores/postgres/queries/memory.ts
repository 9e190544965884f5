// What a job remembers: results of steps, and its journal. The job's row is locked by the unique index on id first.
import { CHANGE } from "./fragments.ts";

// $1 id, $2 workerId, $3 token.
const HELD = `
  held AS MATERIALIZED (
    SELECT n, run, phase, crash_count > 0 OR stalled AS resets FROM pawl.jobs
    WHERE id = $1 AND worker_id = $2 AND token = $3::int FOR UPDATE
  )`;

// Most writes find nothing to reset, and leave the job's row alone. By primary key.
const PROGRESSED = `
  progressed AS (
    UPDATE pawl.jobs AS j SET crash_count = 0, stalled = false FROM held WHERE j.n = held.n AND held.resets
    RETURNING j.*
  )`;
/** Answers nothing where the lease is lost. */
const ANSWER = `SELECT (SELECT ${CHANGE} FROM progressed) AS change FROM held`;

// $4 name, $5 result. The primary key of steps keeps the first result.
export const saveStep = `
  WITH ${HELD}, ${PROGRESSED},
  saved AS (
    INSERT INTO pawl.steps (job, run, phase, name, result) SELECT n, run, phase, $4, $5 FROM held
    ON CONFLICT DO NOTHING
  )
  ${ANSWER}`;
// A range of that key, sorted.
export const steps = `
  SELECT json_build_array(s.name, s.result) AS step FROM pawl.jobs AS j
  JOIN pawl.steps AS s ON s.job = j.n AND s.run = j.run AND s.phase = j.phase
  WHERE j.id = $1 ORDER BY s.ord`;

// $4: the entries, a JSON array of texts. Both by primary key.
export const append = `
  WITH ${HELD}, ${PROGRESSED},
  e AS (SELECT o, v FROM jsonb_array_elements_text($4::jsonb) WITH ORDINALITY AS x (v, o)),
  counted AS (
    INSERT INTO pawl.journals AS c (job, last_seq, size)
    SELECT n, (SELECT count(*) FROM e), (SELECT count(*) FROM e) FROM held
    ON CONFLICT (job) DO UPDATE SET last_seq = c.last_seq + excluded.last_seq, size = c.size + excluded.size
    RETURNING job, last_seq
  ),
  added AS (
    INSERT INTO pawl.journal (job, seq, entry)
    SELECT c.job, c.last_seq - (SELECT count(*) FROM e) + e.o, e.v FROM counted AS c CROSS JOIN e
  )
  ${ANSWER}`;
// The end of the job's range of the primary key, backwards.
export const newest = `
  SELECT json_build_array(e.seq, e.entry) AS entry FROM pawl.journal AS e
  WHERE e.job = (SELECT n FROM pawl.jobs WHERE id = $1) ORDER BY e.seq DESC LIMIT $2::int`;
export const size =
  "SELECT size::float8 AS size FROM pawl.journals WHERE job = (SELECT n FROM pawl.jobs WHERE id = $1)";
// $4: a JSON array of seqs. One seek of the primary key each.
export const remove = `
  WITH ${HELD}, ${PROGRESSED},
  removed AS (
    DELETE FROM pawl.journal AS e USING held
    WHERE e.job = held.n AND e.seq IN (SELECT value::bigint FROM jsonb_array_elements_text($4::jsonb))
    RETURNING e.job
  ),
  discounted AS (
    UPDATE pawl.journals AS c SET size = c.size - (SELECT count(*) FROM removed) FROM held WHERE c.job = held.n
  )
  ${ANSWER}`;
