// Handing out waiting jobs, in claim order: highest priority first, then the longest available, then the oldest. Everything
// is a seek of jobs_waiting: from queue to queue, from priority to priority, and then the first of a level. So what waits for
// its time, and lanes of other types, cost nothing, however many they are.
import { phaseAfter, stateAfter, type Vocabulary } from "../../sql/transitions.ts";
import { RECORD } from "./fragments.ts";

const QUEUED = "j.state = 'queued'";
const IN_LANE = `${QUEUED} AND j.queue = l.queue AND j.type = l.type`;

// $1 workerId, $2 types, $3 queues (NULL: all that hold waiting jobs). Lanes (queue and type) of queues that are not paused,
// and the priorities at which jobs wait there.
const LEVELS = `
  t AS MATERIALIZED (SELECT pawl.now_ms() AS now),
  alive AS MATERIALIZED (
    SELECT EXISTS (SELECT 1 FROM pawl.workers AS w WHERE w.id = $1 AND w.alive AND w.expires_at > t.now) AS alive FROM t
  ),
  queues (queue) AS (
    SELECT (SELECT min(j.queue) FROM pawl.jobs AS j WHERE ${QUEUED}) WHERE $3::text[] IS NULL
    UNION ALL
    SELECT (SELECT min(j.queue) FROM pawl.jobs AS j WHERE ${QUEUED} AND j.queue > q.queue)
    FROM queues AS q WHERE q.queue IS NOT NULL
  ),
  served (queue) AS (
    SELECT queue FROM queues
    UNION ALL
    SELECT DISTINCT unnest($3::text[]) COLLATE "C"
  ),
  lanes AS (
    SELECT q.queue, types.type, s.concurrency, s.rate_max, s.rate_per_ms
    FROM served AS q CROSS JOIN unnest((SELECT $2::text[])) AS types (type) LEFT JOIN pawl.queues AS s ON s.name = q.queue
    WHERE q.queue IS NOT NULL AND s.paused_at IS NULL AND (SELECT alive FROM alive)
  ),
  levels AS (
    SELECT l.queue, l.type, (SELECT max(j.priority) FROM pawl.jobs AS j WHERE ${IN_LANE}) AS priority FROM lanes AS l
    UNION ALL
    SELECT l.queue, l.type, (SELECT max(j.priority) FROM pawl.jobs AS j WHERE ${IN_LANE} AND j.priority < l.priority)
    FROM levels AS l WHERE l.priority IS NOT NULL
  )`;

const AT_LEVEL = `${IN_LANE} AND j.priority = l.priority`;
const FIRST = "ORDER BY j.available_at, j.n";
const CLAIM_ORDER = "priority DESC, available_at, n";

// When the first job of a level becomes available whose time has not come.
const NEXT = `
  SELECT min(c.available_at) FROM levels AS l CROSS JOIN t CROSS JOIN LATERAL (
    SELECT j.available_at FROM pawl.jobs AS j WHERE ${AT_LEVEL} AND j.available_at > t.now ${FIRST} LIMIT 1
  ) AS c WHERE l.priority IS NOT NULL`;

const MISSED_MS = 50;
// A claim locks a few more than it takes. Whoever found them locked looks again soon: nobody else would say that they wait.
const MISSED = `
  SELECT ${MISSED_MS} WHERE NOT (SELECT limited FROM limited) AND EXISTS (
    SELECT 1 FROM levels AS l CROSS JOIN t CROSS JOIN LATERAL (
      SELECT 1 FROM pawl.jobs AS j
      WHERE ${AT_LEVEL} AND j.available_at <= t.now AND j.n <> ALL (ARRAY(SELECT n FROM candidates)) ${FIRST} LIMIT 1
    ) AS c WHERE l.priority IS NOT NULL
  )`;

const claimWords: Vocabulary = { phase: "j.phase", state: "j.state", conditions: {} };

/** Where a job goes on that was begun before. */
const PLACE = `
  CASE WHEN saved_at IS NOT NULL THEN
    json_build_object('checkpoint', seq, 'done', progress::json -> 'done', 'unit', progress::json -> 'unit')::text
  END`;

/** Gives the jobs of `chosen`, which are locked, to the worker $1. By primary key. */
const TAKEN = `
  taken AS (
    UPDATE pawl.jobs AS j SET
      state = ${stateAfter("claim", claimWords)},
      phase = ${phaseAfter("claim", claimWords)},
      token = j.token + 1,
      worker_id = $1,
      claimed_at = t.now,
      started_at = coalesce(j.started_at, t.now),
      event_seq = j.event_seq + 1
    FROM t WHERE j.n = ANY (ARRAY(SELECT n FROM chosen))
    RETURNING j.*
  ),
  recorded AS (
    INSERT INTO pawl.history (job, seq, at, kind, actor, attempt, state, phase, data)
    SELECT n, event_seq, claimed_at, 'claim', 'worker:' || worker_id, attempt, state, phase, ${PLACE} FROM taken
  ),
  counted AS (
    INSERT INTO pawl.count_changes (at, from_state, to_state, type, queue, jobs)
    SELECT max(claimed_at), 'queued', 'running', type, queue, count(*) FROM taken GROUP BY type, queue
  )`;
const RECORDS = `(SELECT coalesce(json_agg(${RECORD} ORDER BY ${CLAIM_ORDER}), '[]') FROM taken)`;

/** What a claim takes at most. The planner has to see it: it would take a part of a million for what the limit leaves. */
export const CLAIMED_AT_ONCE = 1_000;

// $4 limit, $5 types with limits. Jobs that others take at this moment are stepped over. A lane with a limit is not for this
// statement: then it claims nothing, and says so. Where a parameter's value would change the plan it is read from a
// subquery, so that one plan serves all claims: making a new one each time takes longer than the claim.
export const claim = `
  WITH RECURSIVE ${LEVELS},
  limited AS MATERIALIZED (
    SELECT EXISTS (
      SELECT 1 FROM levels AS l JOIN lanes USING (queue, type)
      WHERE l.priority IS NOT NULL
        AND (lanes.concurrency IS NOT NULL OR lanes.rate_max IS NOT NULL OR l.type = ANY ((SELECT $5::text[])::text[]))
    ) AS limited
  ),
  candidates AS MATERIALIZED (
    SELECT c.n, c.priority, c.available_at FROM levels AS l CROSS JOIN t CROSS JOIN LATERAL (
      SELECT * FROM (
        SELECT j.n, j.priority, j.available_at FROM pawl.jobs AS j
        WHERE ${AT_LEVEL} AND j.available_at <= t.now ${FIRST} LIMIT ${CLAIMED_AT_ONCE} + 1
        FOR UPDATE SKIP LOCKED
      ) AS f LIMIT (SELECT $4::int) + 1
    ) AS c
    WHERE l.priority IS NOT NULL AND NOT (SELECT limited FROM limited)
  ),
  chosen AS (SELECT n FROM candidates ORDER BY ${CLAIM_ORDER} LIMIT (SELECT $4::int)),
  ${TAKEN}
  SELECT (SELECT alive FROM alive) AS alive, (SELECT limited FROM limited) AS limited, ${RECORDS} AS jobs,
    CASE WHEN (SELECT count(*) FROM candidates) > $4::int THEN 0
      ELSE least((${NEXT}) - (SELECT now FROM t), (${MISSED})) END::float8 AS next_in_ms`;

// What a claim with limits has to choose from: each lane with its queue's limits, and when time brings more there.
export const lanes = `
  WITH RECURSIVE ${LEVELS}
  SELECT (SELECT alive FROM alive) AS alive, (SELECT now FROM t)::float8 AS now, (
    SELECT coalesce(json_agg(json_build_array(lanes.queue, lanes.type, lanes.concurrency, lanes.rate_max,
      lanes.rate_per_ms, n.next_at, n.ready)), '[]')
    FROM lanes CROSS JOIN LATERAL (
      SELECT count(*) AS levels, (
        SELECT min(c.available_at) FROM levels AS l CROSS JOIN t CROSS JOIN LATERAL (
          SELECT j.available_at FROM pawl.jobs AS j WHERE ${AT_LEVEL} AND j.available_at > t.now ${FIRST} LIMIT 1
        ) AS c WHERE l.queue = lanes.queue AND l.type = lanes.type AND l.priority IS NOT NULL
      ) AS next_at,
      EXISTS (
        SELECT 1 FROM levels AS l CROSS JOIN t CROSS JOIN LATERAL (
          SELECT 1 FROM pawl.jobs AS j WHERE ${AT_LEVEL} AND j.available_at <= t.now ${FIRST} LIMIT 1
        ) AS c WHERE l.queue = lanes.queue AND l.type = lanes.type AND l.priority IS NOT NULL
      ) AS ready
      FROM levels AS l WHERE l.queue = lanes.queue AND l.type = lanes.type AND l.priority IS NOT NULL
    ) AS n WHERE n.levels > 0
  ) AS lanes`;

// Whoever counts a limit to use it is alone in doing so. Held until the transaction ends.
export const lockLimit = "SELECT pg_advisory_xact_lock(hashtextextended('pawl limit ' || $1, 0))";

// What holds a lease, by queue, type and key. Served by jobs_leased, which has as many rows as jobs run.
export const leased = `
  SELECT json_build_array(queue, type, concurrency_key, count(*)) AS held FROM pawl.jobs
  WHERE worker_id IS NOT NULL GROUP BY queue, type, concurrency_key`;

// $1 queue, $2 perMs. By starts_queue. A start in the future was before the clock was set back: it counts as one of now.
export const forgetStarts = `
  DELETE FROM pawl.starts WHERE queue = $1 AND at <= (SELECT pawl.now_ms()) - $2::bigint`;
export const starts = `
  SELECT json_build_array(least(at, (SELECT pawl.now_ms())), jobs) AS start FROM pawl.starts
  WHERE queue = $1 ORDER BY at`;
export const recordStart = `
  INSERT INTO pawl.starts (queue, at, jobs) VALUES ($1, (SELECT pawl.now_ms()), $2::int)`;

// $1 queue, $2 type, $3 limit: the first of one lane, past the first $4, with their keys.
export const candidates = `
  WITH RECURSIVE t AS MATERIALIZED (SELECT pawl.now_ms() AS now),
  levels AS (
    SELECT $1::text AS queue, $2::text AS type,
      (SELECT max(j.priority) FROM pawl.jobs AS j WHERE ${QUEUED} AND j.queue = $1 AND j.type = $2) AS priority
    UNION ALL
    SELECT l.queue, l.type, (SELECT max(j.priority) FROM pawl.jobs AS j WHERE ${IN_LANE} AND j.priority < l.priority)
    FROM levels AS l WHERE l.priority IS NOT NULL
  )
  SELECT json_build_array(c.n, c.priority, c.available_at, c.concurrency_key) AS candidate
  FROM levels AS l CROSS JOIN t CROSS JOIN LATERAL (
    SELECT j.n, j.priority, j.available_at, j.concurrency_key FROM pawl.jobs AS j
    WHERE ${AT_LEVEL} AND j.available_at <= t.now ${FIRST} LIMIT $3::int + $4::int
  ) AS c
  WHERE l.priority IS NOT NULL
  ORDER BY c.priority DESC, c.available_at, c.n OFFSET $4::int LIMIT $3::int`;

// $1 queue, $2 type, $3 keys whose limit is reached (array), $4 how many of each key: the first of each other key, from key to
// key by jobs_waiting_keys, and those without a key. $5 keys at most.
export const candidatesByKey = `
  WITH RECURSIVE t AS MATERIALIZED (SELECT pawl.now_ms() AS now),
  keys (key) AS (
    SELECT (SELECT min(j.concurrency_key) FROM pawl.jobs AS j
      WHERE ${QUEUED} AND j.queue = $1 AND j.type = $2 AND j.concurrency_key IS NOT NULL)
    UNION ALL
    SELECT (SELECT min(j.concurrency_key) FROM pawl.jobs AS j
      WHERE ${QUEUED} AND j.queue = $1 AND j.type = $2 AND j.concurrency_key > k.key)
    FROM keys AS k WHERE k.key IS NOT NULL
  )
  SELECT json_build_array(c.n, c.priority, c.available_at, c.concurrency_key) AS candidate
  FROM (SELECT key FROM keys WHERE key <> ALL ($3::text[]) LIMIT $5::int) AS k CROSS JOIN t CROSS JOIN LATERAL (
    SELECT j.n, j.priority, j.available_at, j.concurrency_key FROM pawl.jobs AS j
    WHERE ${QUEUED} AND j.queue = $1 AND j.type = $2 AND j.concurrency_key = k.key AND j.available_at <= t.now
    ORDER BY j.priority DESC, j.available_at, j.n LIMIT $4::int
  ) AS c
  UNION ALL
  SELECT * FROM (
    SELECT json_build_array(j.n, j.priority, j.available_at, NULL) AS candidate FROM pawl.jobs AS j CROSS JOIN t
    WHERE ${QUEUED} AND j.queue = $1 AND j.type = $2 AND j.concurrency_key IS NULL AND j.available_at <= t.now
    ORDER BY j.priority DESC, j.available_at, j.n LIMIT $4::int
  ) AS keyless`;

// $2: numbers of jobs, a JSON array, chosen with every limit locked. Those that somebody else took meanwhile are left out.
export const take = `
  WITH t AS MATERIALIZED (SELECT pawl.now_ms() AS now),
  chosen AS MATERIALIZED (
    SELECT n FROM pawl.jobs WHERE n IN (SELECT value::bigint FROM jsonb_array_elements_text($2::jsonb)) AND state = 'queued'
    ORDER BY n
    FOR UPDATE SKIP LOCKED
  ),
  ${TAKEN}
  SELECT ${RECORDS} AS jobs`;
