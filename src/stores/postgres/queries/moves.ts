// Moves of jobs through the lifecycle: settlements, requests, jobs of dead workers. Each is one statement: it locks its
// jobs in the order of n, works out their moves as the lifecycle table allows them, applies and records them.
// Invariant: no statement decides a transition by itself; each asks an expression built from the lifecycle table.
import { type Action, FINAL_STATES, LEASED_STATES, OUTCOME_EVENTS } from "../../../domain/lifecycle.ts";
import {
  chosenBy,
  crashBackoff,
  eitherOf,
  listed,
  phaseAfter,
  quoted,
  stateAfter,
  type Vocabulary,
} from "../../sql/transitions.ts";
import { FEW, holds, isOf, NOW, numberOf, RECORD } from "./fragments.ts";

const leased = listed(LEASED_STATES);
const final = listed(FINAL_STATES);

const undoable = (job: string) => `(${job}.can_rollback AND ${job}.started_at IS NOT NULL)`;
const undoOnFailure = (job: string) => `(${undoable(job)} AND ${job}.rollback_on_failure)`;
const askedUndo = (job: string) => `(${undoable(job)} AND coalesce((${job}.control ->> 'rollback')::boolean, true))`;

/** What a move needs of the job that it moves. */
const PLACE = `j.n, j.run, j.attempt, j.event_seq + 1 AS event_seq, j.type, j.queue,
    j.state AS from_state, j.phase AS from_phase`;

const ENTERS_ROLLBACK = "(m.phase = 'rollback' AND m.from_phase = 'forward')";
const STARTS_ANEW = "(m.event = 'retry' AND (m.from_start OR m.from_phase = 'rollback'))";
const FORGETS = `(${ENTERS_ROLLBACK} OR ${STARTS_ANEW})`;
// Attempts and crashes count from the start again.
const REFRESHES = `(m.event IN ('retry', 'rollback') OR ${ENTERS_ROLLBACK})`;
const REACHED = `(m.from_state = 'cancelling' OR m.from_state = 'pausing' AND m.state = 'paused')`;
const GROWS = "coalesce(m.seq > j.seq, false)";

// What every move does to its job, whatever caused it; the history, the steps and the counts with it. Follows a CTE `moves`
// whose jobs are locked. By primary key.
const APPLIED = `
  moved AS (
    UPDATE pawl.jobs AS j SET
      state = m.state,
      phase = m.phase,
      event_seq = m.event_seq,
      run = j.run + ${STARTS_ANEW}::int,
      attempt = CASE
        WHEN ${REFRESHES} THEN 1
        WHEN m.event = 'fail' AND m.state IN ('queued', 'paused') THEN j.attempt + 1
        ELSE j.attempt END,
      crash_count = CASE
        WHEN ${REFRESHES} THEN 0
        WHEN m.event = 'lost' THEN j.crash_count + 1
        WHEN ${GROWS} OR m.step_name IS NOT NULL THEN 0
        ELSE j.crash_count END,
      available_at = CASE
        WHEN ${REFRESHES} THEN m.now
        WHEN m.event = 'fail' AND m.state IN ('queued', 'paused') THEN m.now + m.retry_in_ms
        WHEN m.available_in_ms IS NOT NULL THEN m.now + m.available_in_ms
        WHEN m.event = 'lost' AND m.state = 'queued' THEN m.now + ${crashBackoff("(j.crash_count + 1)")}
        ELSE j.available_at END,
      worker_id = CASE WHEN m.state IN ${leased} THEN j.worker_id END,
      claimed_at = CASE WHEN m.state IN ${leased} THEN j.claimed_at END,
      abandoned = m.state IN ${leased} AND j.abandoned,
      stalled = m.state IN ${leased} AND j.stalled,
      running_ms = j.running_ms + CASE
        WHEN j.worker_id IS NOT NULL AND m.state NOT IN ${leased} THEN greatest(0, m.alive_until - j.claimed_at)
        ELSE 0 END,
      finished_at = CASE WHEN m.state IN ${final} THEN m.now END,
      seq = greatest(j.seq, m.seq),
      cursor = CASE WHEN ${FORGETS} THEN NULL WHEN ${GROWS} THEN m.cursor ELSE j.cursor END,
      saved_at = CASE WHEN ${FORGETS} THEN NULL WHEN ${GROWS} THEN m.now ELSE j.saved_at END,
      progress = CASE WHEN ${FORGETS} THEN NULL ELSE coalesce(m.progress, j.progress) END,
      output = CASE
        WHEN m.event = 'succeed' AND m.from_phase = 'forward' THEN m.output
        WHEN m.event = 'retry' THEN NULL
        ELSE j.output END,
      error = CASE
        WHEN m.error IS NOT NULL THEN m.error
        WHEN m.event = 'retry' OR m.event = 'succeed' AND m.from_phase = 'forward' THEN NULL
        ELSE j.error END,
      control = CASE
        WHEN m.control IS NOT NULL THEN CASE
          WHEN m.state IN ('pausing', 'cancelling') THEN m.control
          ELSE jsonb_set(m.control, '{reachedAt}', to_jsonb(m.now)) END
        WHEN ${REACHED} THEN jsonb_set(j.control, '{reachedAt}', to_jsonb(m.now))
        ELSE j.control END
    FROM moves AS m WHERE ${isOf("j", "m")}
    RETURNING j.*, m.pos
  ),
  recorded AS (
    INSERT INTO pawl.history (job, seq, at, kind, actor, reason, request_id, attempt, state, phase, data)
    SELECT n, event_seq, now, event, actor, reason, request_id, attempt, state, phase, data FROM moves
  ),
  remembered AS (
    -- A step belongs to the run and phase in which its attempt worked.
    INSERT INTO pawl.steps (job, run, phase, name, result)
    SELECT n, run, from_phase, step_name, step_result FROM moves WHERE step_name IS NOT NULL ORDER BY pos
    ON CONFLICT DO NOTHING
  ),
  counted AS (
    INSERT INTO pawl.count_changes (at, from_state, to_state, type, queue, jobs)
    SELECT max(now), from_state, state, type, queue, count(*) FROM moves WHERE from_state <> state
    GROUP BY from_state, state, type, queue
  )`;

/** What a notice and a caller need of each, as `rows.movedJobOf` reads it. */
const MOVED = "SELECT json_build_array(pos, id, type, queue, state, phase, available_at) AS moved FROM moved";

const settleWords: Vocabulary = {
  phase: "j.phase",
  state: "j.state",
  conditions: {
    undo: askedUndo("j"),
    attemptsLeft: "(j.v ->> 8 IS NOT NULL AND j.attempt < j.max_attempts)",
    undoOnFailure: undoOnFailure("j"),
  },
};

// Members: [id, workerId, token, event, output, code, message, details, retryInMs, seq, cursor, progress, cause,
// availableInMs, stepName, stepResult]; code and message as JSON, since they may hold what PostgreSQL's texts cannot. Jobs by the unique index on id. Of two members of one job the first counts.
export const settle = `
  WITH p AS (
    SELECT (o - 1)::int AS pos, v, ${numberOf("v ->> 0")} AS n
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS e (v, o) WHERE ${FEW} ORDER BY n, pos
  ),
  held AS MATERIALIZED (
    SELECT h.*, p.pos, p.v, ${NOW} AS now FROM p CROSS JOIN LATERAL (
      SELECT j.n, j.run, j.attempt, j.event_seq, j.type, j.queue, j.state, j.phase, j.worker_id, j.control, j.started_at,
        j.can_rollback, j.rollback_on_failure, j.max_attempts
      FROM pawl.jobs AS j WHERE j.n = p.n AND ${holds("j", "p")} FOR UPDATE
    ) AS h
  ),
  j AS (SELECT DISTINCT ON (n) * FROM held ORDER BY n, pos),
  judged AS (
    SELECT ${PLACE}, j.pos, j.v ->> 3 AS event, 'worker:' || j.worker_id AS actor, NULL AS reason, NULL AS request_id,
      CASE j.v ->> 3
        WHEN 'fail' THEN '{"code":' || (j.v ->> 5) || ',"message":' || (j.v ->> 6) || '}'
        WHEN 'halt' THEN json_build_object('cause', j.v ->> 12)::text
      END AS data,
      ${eitherOf("j.v ->> 3", OUTCOME_EVENTS, (event) => stateAfter(event, settleWords))} AS state,
      ${eitherOf("j.v ->> 3", OUTCOME_EVENTS, (event) => phaseAfter(event, settleWords))} AS phase,
      j.now AS alive_until, j.v ->> 4 AS output,
      CASE j.v ->> 3 WHEN 'fail' THEN '{"code":' || (j.v ->> 5) || ',"message":' || (j.v ->> 6) || ',"at":' || j.now
        || ',"attempt":' || j.attempt || ',"details":' || to_json(j.v ->> 7) || '}' END AS error,
      (j.v ->> 8)::bigint AS retry_in_ms, (j.v ->> 9)::bigint AS seq, j.v ->> 10 AS cursor, j.v ->> 11 AS progress,
      (j.v ->> 13)::bigint AS available_in_ms, j.v ->> 14 AS step_name, j.v ->> 15 AS step_result,
      NULL::jsonb AS control, false AS from_start, j.now
    FROM j
  ),
  moves AS MATERIALIZED (SELECT * FROM judged WHERE state IS NOT NULL),
  ${APPLIED}
  ${MOVED}`;

const lostWords: Vocabulary = {
  phase: "j.phase",
  state: "j.state",
  conditions: {
    undo: askedUndo("j"),
    undoOnFailure: undoOnFailure("j"),
    crashLoop: "(j.crash_count + 1 >= $1::int)",
  },
};

const HOLDER_LIVES = "EXISTS (SELECT 1 FROM pawl.workers AS w WHERE w.id = h.worker_id AND w.alive)";

// Jobs whose holder is not alive, at most $2 of them. Found by jobs_leased, which holds as many rows as jobs run. One that
// somebody else moves at this moment is left to the next sweep. The attempt counts as running until the last sign of life:
// its last checkpoint, or its worker's last renewal.
export const reap = `
  WITH left_behind AS MATERIALIZED (
    SELECT h.n FROM pawl.jobs AS h WHERE h.worker_id IS NOT NULL AND NOT ${HOLDER_LIVES}
  ),
  j AS MATERIALIZED (
    SELECT h.*, (SELECT w.seen_at FROM pawl.workers AS w WHERE w.id = h.worker_id) AS seen_at, ${NOW} AS now
    FROM (SELECT n FROM left_behind ORDER BY n LIMIT $2::int) AS d CROSS JOIN LATERAL (
      SELECT h.n, h.run, h.attempt, h.event_seq, h.type, h.queue, h.state, h.phase, h.worker_id, h.control, h.started_at,
        h.can_rollback, h.rollback_on_failure, h.crash_count, h.claimed_at, h.saved_at
      FROM pawl.jobs AS h
      WHERE h.n = d.n AND coalesce(h.worker_id, '') <> '' AND NOT ${HOLDER_LIVES} FOR UPDATE SKIP LOCKED
    ) AS h
  ),
  moves AS MATERIALIZED (
    SELECT ${PLACE}, 0 AS pos, 'lost' AS event, 'pawl' AS actor, NULL AS reason, NULL AS request_id,
      json_build_object('worker', j.worker_id)::text AS data,
      ${stateAfter("lost", lostWords)} AS state,
      ${phaseAfter("lost", lostWords)} AS phase,
      least(j.now, greatest(j.claimed_at, j.saved_at, j.seen_at)) AS alive_until, NULL AS output,
      CASE WHEN ${chosenBy("crashLoop", "lost", lostWords)} THEN json_build_object('code', 'crash_loop',
        'message', 'The process that ran this job died ' || (j.crash_count + 1)
          || ' times without progress in between. Find out why in its logs, then retry the job.',
        'at', j.now, 'attempt', j.attempt, 'details', NULL)::text END AS error,
      NULL::bigint AS retry_in_ms, NULL::bigint AS seq, NULL AS cursor, NULL AS progress, NULL::bigint AS available_in_ms,
      NULL AS step_name, NULL AS step_result, NULL::jsonb AS control, false AS from_start, j.now
    FROM j
  ),
  ${APPLIED}
  ${MOVED}`;

const controlWords: Vocabulary = {
  phase: "j.phase",
  state: "j.state",
  conditions: {
    undo: `(${undoable("j")} AND j.choice)`,
    undoable: undoable("j"),
    notForced: "NOT coalesce((j.control ->> 'force')::boolean, false)",
  },
};

function historyData(action: Action): string {
  switch (action) {
    case "cancel":
      return "json_build_object('rollback', j.choice, 'force', false)::text";
    case "terminate":
      return "json_build_object('rollback', j.choice, 'force', true)::text";
    case "retry":
      return "json_build_object('from', CASE WHEN $6::boolean OR j.phase = 'rollback' THEN 'start' ELSE 'checkpoint' END)::text";
    case "pause":
    case "resume":
    case "rollback":
      return "NULL::text";
  }
}

// One request: $1 id, $2 actor, $3 reason, $4 requestId, $5 rollback, $6 fromStart, $7 phase. `choice`: as the request says, else as
// the cancel that it escalates said, else what the type can do. Answers nothing when the lifecycle refuses it. A request
// that was answered before, or whose key or group another job holds, breaks a unique index. By the unique index on id.
const controlOf = (action: Action) => `
  WITH j AS MATERIALIZED (
    SELECT h.n, h.run, h.attempt, h.event_seq, h.type, h.queue, h.state, h.phase, h.control, h.started_at,
      h.can_rollback, ${NOW} AS now,
      coalesce($5::boolean, CASE h.state WHEN 'cancelling' THEN (h.control ->> 'rollback')::boolean END, h.can_rollback)
        AS choice
    FROM pawl.jobs AS h WHERE h.id = $1 AND ($7::text IS NULL OR h.phase = $7) FOR UPDATE
  ),
  judged AS (
    SELECT ${PLACE}, 0 AS pos, ${quoted(action)} AS event, $2::text AS actor, $3::text AS reason, $4::text AS request_id,
      ${historyData(action)} AS data,
      ${stateAfter(action, controlWords)} AS state,
      ${phaseAfter(action, controlWords)} AS phase,
      NULL::bigint AS alive_until, NULL AS output, NULL AS error, NULL::bigint AS retry_in_ms, NULL::bigint AS seq,
      NULL AS cursor, NULL AS progress, NULL::bigint AS available_in_ms, NULL AS step_name, NULL AS step_result,
      jsonb_build_object('action', ${quoted(action)}, 'actor', $2::text, 'reason', $3::text, 'requestId', $4::text,
        'requestedAt', j.now, 'reachedAt', NULL, 'rollback', j.choice, 'force', ${String(action === "terminate")})
        AS control,
      $6::boolean AS from_start, j.now
    FROM j
  ),
  moves AS MATERIALIZED (SELECT * FROM judged WHERE state IS NOT NULL),
  ${APPLIED}
  SELECT ${RECORD} AS record FROM moved`;

export const control: Readonly<Record<Action, string>> = {
  pause: controlOf("pause"),
  resume: controlOf("resume"),
  cancel: controlOf("cancel"),
  terminate: controlOf("terminate"),
  retry: controlOf("retry"),
  rollback: controlOf("rollback"),
};

// Who else holds the key and the group of a job. Served by the partial unique indexes.
export const controlHolders = `
  SELECT
    (SELECT h.id FROM pawl.jobs AS h WHERE h.key = j.key AND h.finished_at IS NULL AND h.n <> j.n) AS key_holder,
    (SELECT h.id FROM pawl.jobs AS h
     WHERE h.exclusive_group = j.exclusive_group AND h.finished_at IS NULL AND h.n <> j.n) AS group_holder
  FROM pawl.jobs AS j WHERE j.id = $1`;

// Where a job stands, and what its last request was: enough to tell "already" from "refused". The lock keeps it there.
export const controlPlace =
  "SELECT n, state, phase, control ->> 'action' AS last FROM pawl.jobs WHERE id = $1 FOR UPDATE";

// Served by history_request.
export const controlReplay = `
  SELECT kind FROM pawl.history WHERE job = (SELECT n FROM pawl.jobs WHERE id = $1) AND request_id = $2`;

// An answer that changed nothing, kept so that its repetition gets the same one. $2 kind, $3 actor, $4 reason, $5 requestId,
// $6 action.
export const recordAnswer = `
  WITH j AS (UPDATE pawl.jobs SET event_seq = event_seq + 1 WHERE id = $1 RETURNING n, event_seq, attempt, state, phase)
  INSERT INTO pawl.history (job, seq, at, kind, actor, reason, request_id, attempt, state, phase, data)
  SELECT n, event_seq, ${NOW}, $2, $3, $4, $5, attempt, state, phase, json_build_object('action', $6::text)::text FROM j`;
