// Counts of jobs and figures of minutes: the folded ones, and the changes since. Whoever moves jobs adds a row to
// count_changes in the same statement; the fold is the only one that changes the others.
import { FINAL_STATES } from "../../../domain/lifecycle.ts";
import { listed } from "../../sql/transitions.ts";

const SINCE = `
  SELECT to_state AS state, type, queue, jobs FROM pawl.count_changes WHERE to_state IS NOT NULL
  UNION ALL
  SELECT from_state, type, queue, -jobs FROM pawl.count_changes WHERE from_state IS NOT NULL`;

/** A relation of state, type, queue and jobs, those that are not 0. */
export const COUNTS = `(
  SELECT state, type, queue, sum(jobs) AS jobs FROM (
    SELECT state, type, queue, jobs FROM pawl.counts UNION ALL ${SINCE}
  ) AS parts GROUP BY state, type, queue HAVING sum(jobs) <> 0
)`;

const MINUTE = "at - at % 60000";
const LEAVES_FINAL = `coalesce(from_state IN ${listed(FINAL_STATES)}, false)`;
const ends = (state: string) => `to_state = '${state}' AND from_state IS NOT NULL AND NOT ${LEAVES_FINAL}`;
const figure = (name: string, condition: string) => `coalesce(sum(jobs) FILTER (WHERE ${condition}), 0) AS ${name}`;

/** What the changes of a relation mean for each minute. Leaving a final state, a resume or a deletion is no figure. */
export const figuresOf = (changes: string) => `
  SELECT ${MINUTE} AS at,
    ${figure("submitted", "from_state IS NULL")},
    ${figure("started", "from_state = 'queued' AND to_state = 'running'")},
    ${FINAL_STATES.map((state) => figure(state, ends(state))).join(",\n    ")}
  FROM ${changes} AS c GROUP BY ${MINUTE}`;

export const FIGURES = ["submitted", "started", ...FINAL_STATES].join(", ");

// One fold at a time: false when somebody else folds at this moment.
export const lockFold = "SELECT pg_try_advisory_xact_lock(hashtextextended('pawl fold ' || $1, 0)) AS mine";
// Takes at most $1 changes, and answers how many. Readers see each change once: before or after.
export const fold = `
  WITH taken AS (
    DELETE FROM pawl.count_changes WHERE ctid = ANY (ARRAY(SELECT ctid FROM pawl.count_changes LIMIT $1::int))
    RETURNING *
  ),
  counted AS (
    INSERT INTO pawl.counts AS c (state, type, queue, jobs)
    SELECT state, type, queue, sum(jobs) FROM (
      SELECT to_state AS state, type, queue, jobs FROM taken WHERE to_state IS NOT NULL
      UNION ALL SELECT from_state, type, queue, -jobs FROM taken WHERE from_state IS NOT NULL
    ) AS parts GROUP BY state, type, queue HAVING sum(jobs) <> 0
    ON CONFLICT (state, type, queue) DO UPDATE SET jobs = c.jobs + excluded.jobs
  ),
  figured AS (
    INSERT INTO pawl.minutes AS m (at, ${FIGURES}) ${figuresOf("taken")}
    ON CONFLICT (at) DO UPDATE SET
      ${["submitted", "started", ...FINAL_STATES].map((name) => `${name} = m.${name} + excluded.${name}`).join(", ")}
  )
  SELECT count(*)::int AS taken FROM taken`;
export const dropZeros = "DELETE FROM pawl.counts WHERE jobs = 0";
