// New jobs, and what goes beside them.
import { COUNTS } from "./counts.ts";
import { NOW } from "./fragments.ts";

// Members: [id, type, queue, key, group, priority, labels, input, maxAttempts, canRollback, rollbackOnFailure,
// availableAt, actor, fileIds, queueLimit, timeoutMs, concurrencyKey, secretFields]. The unique indexes on id, key and
// group decide; who finds one of them taken waits for its holder's transaction, and is left out. Answers, by position,
// [at, availableAt] where the member was inserted.
const membersOf = (value: "$1::jsonb" | "$2::text::jsonb") =>
  `SELECT (o - 1)::int AS pos, v FROM jsonb_array_elements(${value}) WITH ORDINALITY AS e (v, o)`;
const PLACED = `
  t AS MATERIALIZED (SELECT pawl.now_ms() AS now),
  i AS (
    INSERT INTO pawl.jobs (id, type, queue, key, exclusive_group, priority, labels, input, max_attempts, can_rollback,
      rollback_on_failure, available_at, submitted_by, created_at, timeout_ms, concurrency_key, secret_fields)
    SELECT v ->> 0, v ->> 1, v ->> 2, v ->> 3, v ->> 4, (v ->> 5)::int, v ->> 6, v ->> 7, (v ->> 8)::int,
      (v ->> 9)::int = 1, (v ->> 10)::int = 1, coalesce((v ->> 11)::bigint, t.now), v ->> 12, t.now, (v ->> 15)::bigint,
      v ->> 16, v ->> 17
    FROM p CROSS JOIN t ORDER BY pos
    ON CONFLICT DO NOTHING
    RETURNING n, id, type, queue, created_at, available_at
  ),
  m AS (SELECT i.*, p.pos, p.v FROM i JOIN p ON i.id = p.v ->> 0),
  labelled AS (
    INSERT INTO pawl.labels (label, job)
    SELECT l.key || ':' || l.value, m.n FROM m CROSS JOIN LATERAL jsonb_each_text((m.v ->> 6)::jsonb) AS l
    ON CONFLICT DO NOTHING
  ),
  files AS (SELECT f.id, m.id AS job_id FROM m CROSS JOIN LATERAL jsonb_array_elements_text(m.v -> 13) AS f (id)),
  used AS (INSERT INTO pawl.file_users (file, job_id) SELECT id, job_id FROM files ON CONFLICT DO NOTHING),
  adopted AS (
    UPDATE pawl.files AS f SET job_id = files.job_id FROM files WHERE f.id = files.id AND f.kind = 'upload'
  ),
  counted AS (
    INSERT INTO pawl.count_changes (at, from_state, to_state, type, queue, jobs)
    SELECT max(created_at), NULL, 'queued', type, queue, count(*) FROM m GROUP BY type, queue
  )`;
export const insert = `
  WITH p AS (${membersOf("$1::jsonb")}), ${PLACED}
  SELECT min(pos) AS pos, json_build_array(created_at, available_at) AS inserted
  FROM m GROUP BY id, created_at, available_at`;

// $1: the id of the schema. A transaction has a number once it has written something, and a statement by itself has none
// before: so the first statement here may only get the number, and then runs again; and who has none even then has not begun
// a transaction. By primary key.
const GUARD = `
  guard AS MATERIALIZED (
    SELECT id::text = $1::text AS here, pg_current_xact_id_if_assigned() IS NOT NULL AS inside FROM pawl.schema_version
  )`;
const NUMBERED = "CASE WHEN here AND NOT inside THEN pg_current_xact_id()::text END";
export const enter = `
  WITH ${GUARD}
  SELECT json_build_object('here', here, 'inside', inside, 'number', ${NUMBERED})::text AS answer FROM guard`;
// The same as `insert`, in a transaction of a caller's, with the notices that go out when it commits: $2 members, $3
// channel, $4 payloads, a JSON array. Values and answer are texts, whatever the caller's driver makes of other types.
export const insertInside = `
  WITH ${GUARD},
  p AS (${membersOf("$2::text::jsonb")} CROSS JOIN guard WHERE guard.here AND guard.inside), ${PLACED}
  SELECT json_build_object('here', here, 'inside', inside, 'number', ${NUMBERED},
    'inserted', (
      SELECT coalesce(json_agg(json_build_array(pos, created_at, available_at)), '[]')
      FROM (SELECT min(pos) AS pos, created_at, available_at FROM m GROUP BY id, created_at, available_at) AS first
    ),
    'told', (
      SELECT count(pg_notify($3::text, payload)) FROM jsonb_array_elements_text($4::text::jsonb) AS n (payload)
      WHERE EXISTS (SELECT 1 FROM m)
    ))::text AS answer
  FROM guard`;

// Why members were not inserted. An id that is there already was inserted before, so it is the same job. By the unique
// indexes. All holders NULL: whoever was in the way has gone meanwhile.
export const insertAnswers = `
  SELECT json_build_array((o - 1)::int, j.created_at, j.available_at,
    (SELECT h.id FROM pawl.jobs AS h WHERE h.key = v ->> 3 AND h.finished_at IS NULL),
    (SELECT h.id FROM pawl.jobs AS h WHERE h.exclusive_group = v ->> 4 AND h.finished_at IS NULL)) AS answer
  FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS e (v, o) LEFT JOIN pawl.jobs AS j ON j.id = v ->> 0`;

// Whoever counts a queue to fill it is alone in doing so.
export const lockQueue = "SELECT pg_advisory_xact_lock(hashtextextended('pawl queue ' || $1, 0))";
export const waitingIn = `
  SELECT coalesce(sum(jobs), 0)::float8 AS waiting FROM ${COUNTS} AS c WHERE state = 'queued' AND queue = $1`;
export const now = `SELECT ${NOW}::float8 AS now`;

// Served by the unique index on id.
export const submitted = `
  SELECT created_at::float8 AS created_at, available_at::float8 AS available_at FROM pawl.jobs WHERE id = $1`;
