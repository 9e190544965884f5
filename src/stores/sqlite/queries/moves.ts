// Moves of jobs through the lifecycle: settlements, requests, jobs of dead workers.
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
import { HELD_JOB } from "./fragments.ts";

const leased = listed(LEASED_STATES);
const final = listed(FINAL_STATES);

// Moves of one statement, on their way from `settle`, `control` or `reap` into `jobs` and `history`. In memory.
// A row that the lifecycle refuses has no state, and is ignored; so is a second move of the same job.
export const CREATE_MOVES = `
  CREATE TEMP TABLE moves (
    n INTEGER PRIMARY KEY,
    pos INTEGER NOT NULL,
    event TEXT NOT NULL,
    event_seq INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    request_id TEXT,
    data TEXT,
    attempt INTEGER NOT NULL,
    from_state TEXT NOT NULL,
    from_phase TEXT NOT NULL,
    state TEXT NOT NULL,
    phase TEXT NOT NULL,
    alive_until INTEGER,
    output TEXT,
    error TEXT,
    retry_in_ms INTEGER,
    seq INTEGER,
    cursor TEXT,
    progress TEXT,
    control TEXT,
    available_in_ms INTEGER,
    step_name TEXT,
    step_result TEXT,
    from_start INTEGER NOT NULL DEFAULT 0
  )`;

export const clearMoves = "DELETE FROM moves";

const undoable = (job: string) => `(${job}.can_rollback AND ${job}.started_at IS NOT NULL)`;
const undoOnFailure = (job: string) => `(${undoable(job)} AND ${job}.rollback_on_failure)`;
const askedUndo = (job: string) => `(${undoable(job)} AND coalesce(${job}.control ->> 'rollback', 1))`;

const settleWords: Vocabulary = {
  phase: "j.phase",
  state: "j.state",
  conditions: {
    undo: askedUndo("j"),
    attemptsLeft: "(p.value ->> 8 IS NOT NULL AND j.attempt < j.max_attempts)",
    undoOnFailure: undoOnFailure("j"),
  },
};

// Members: [id, workerId, token, event, output, code, message, details, retryInMs, seq, cursor, progress, cause,
// availableInMs, stepName, stepResult].
// Jobs by the unique index on id.
export const settle = `
  INSERT OR IGNORE INTO moves
    (n, pos, event, event_seq, actor, data, attempt, from_state, from_phase, state, phase, alive_until,
     output, error, retry_in_ms, seq, cursor, progress, available_in_ms, step_name, step_result)
  SELECT j.n, p.key, p.value ->> 3, j.event_seq + 1, 'worker:' || j.worker_id,
    CASE p.value ->> 3
      WHEN 'fail' THEN json_object('code', p.value ->> 5, 'message', p.value ->> 6)
      WHEN 'halt' THEN json_object('cause', p.value ->> 12)
    END,
    j.attempt, j.state, j.phase,
    ${eitherOf("p.value ->> 3", OUTCOME_EVENTS, (event) => stateAfter(event, settleWords))},
    ${eitherOf("p.value ->> 3", OUTCOME_EVENTS, (event) => phaseAfter(event, settleWords))},
    ?2, p.value ->> 4,
    CASE p.value ->> 3 WHEN 'fail' THEN json_object('code', p.value ->> 5, 'message', p.value ->> 6,
      'at', CAST(?2 AS INTEGER), 'attempt', j.attempt, 'details', p.value ->> 7) END,
    p.value ->> 8, p.value ->> 9, p.value ->> 10, p.value ->> 11, p.value ->> 13, p.value ->> 14, p.value ->> 15
  FROM ${HELD_JOB}`;

const lostWords: Vocabulary = {
  phase: "j.phase",
  state: "j.state",
  conditions: {
    undo: askedUndo("j"),
    undoOnFailure: undoOnFailure("j"),
    crashLoop: "(j.crash_count + 1 >= ?2)",
  },
};

// Jobs whose holder is not alive. Served by jobs_leased, which holds as many rows as jobs run. The attempt counts as
// running until the last sign of life: its last checkpoint, or its worker's last renewal.
export const reap = `
  INSERT OR IGNORE INTO moves
    (n, pos, event, event_seq, actor, data, attempt, from_state, from_phase, state, phase, alive_until, error)
  SELECT j.n, 0, 'lost', j.event_seq + 1, 'pawl', json_object('worker', j.worker_id), j.attempt, j.state, j.phase,
    ${stateAfter("lost", lostWords)},
    ${phaseAfter("lost", lostWords)},
    min(?1, max(j.claimed_at, coalesce(j.saved_at, 0), coalesce(w.seen_at, 0))),
    CASE WHEN ${chosenBy("crashLoop", "lost", lostWords)} THEN json_object('code', 'crash_loop',
      'message', 'The process that ran this job died ' || (j.crash_count + 1) || ' times without progress in between.'
        || ' Find out why in its logs, then retry the job.',
      'at', CAST(?1 AS INTEGER), 'attempt', j.attempt, 'details', NULL) END
  FROM jobs AS j INDEXED BY jobs_leased LEFT JOIN workers AS w ON w.id = j.worker_id
  WHERE j.worker_id IS NOT NULL AND coalesce(w.alive, 0) = 0`;

const controlWords: Vocabulary = {
  phase: "j.phase",
  state: "j.state",
  conditions: {
    undo: `(${undoable("j")} AND j.choice)`,
    undoable: undoable("j"),
    notForced: "NOT coalesce(j.control ->> 'force', 0)",
  },
};

function historyData(action: Action): string {
  switch (action) {
    case "cancel":
      return "json_object('rollback', json(iif(j.choice, 'true', 'false')), 'force', json('false'))";
    case "terminate":
      return "json_object('rollback', json(iif(j.choice, 'true', 'false')), 'force', json('true'))";
    case "retry":
      return "json_object('from', iif(:fromStart OR j.phase = 'rollback', 'start', 'checkpoint'))";
    case "pause":
    case "resume":
    case "rollback":
      return "NULL";
  }
}

// One request. `choice`: as the request says, else as the cancel that it escalates said, else what the type can do.
// Served by the unique index on id.
const controlOf = (action: Action) => `
  INSERT OR IGNORE INTO moves
    (n, pos, event, event_seq, actor, reason, request_id, data, attempt, from_state, from_phase, state, phase,
     control, from_start)
  SELECT j.n, 0, ${quoted(action)}, j.event_seq + 1, :actor, :reason, :requestId, ${historyData(action)},
    j.attempt, j.state, j.phase,
    ${stateAfter(action, controlWords)},
    ${phaseAfter(action, controlWords)},
    json_object('action', ${quoted(action)}, 'actor', :actor, 'reason', :reason, 'requestId', :requestId,
      'requestedAt', CAST(:now AS INTEGER), 'reachedAt', NULL,
      'rollback', json(iif(j.choice, 'true', 'false')), 'force', json(${quoted(String(action === "terminate"))})),
    :fromStart
  FROM (
    SELECT *, coalesce(:rollback, CASE state WHEN 'cancelling' THEN control ->> 'rollback' END, can_rollback) AS choice
    FROM jobs WHERE id = :id AND (:phase IS NULL OR phase = :phase)
  ) AS j`;

export const control: Readonly<Record<Action, string>> = {
  pause: controlOf("pause"),
  resume: controlOf("resume"),
  cancel: controlOf("cancel"),
  terminate: controlOf("terminate"),
  retry: controlOf("retry"),
  rollback: controlOf("rollback"),
};

// Who else holds the key and the group of a job that leaves a final state. Served by the partial unique indexes.
export const controlHolders = `
  SELECT
    (SELECT h.id FROM jobs AS h WHERE h.key = j.key AND h.finished_at IS NULL) AS key_holder,
    (SELECT h.id FROM jobs AS h WHERE h.exclusive_group = j.exclusive_group AND h.finished_at IS NULL) AS group_holder
  FROM moves AS m CROSS JOIN jobs AS j ON j.n = m.n
  WHERE m.from_state IN ${final}`;

// Where a job stands, and what its last request was: enough to tell "already" from "refused".
export const controlPlace = "SELECT n, state, phase, control ->> 'action' AS last FROM jobs WHERE id = ?";

// Served by history_request.
export const controlReplay = `
  SELECT kind FROM history WHERE job = (SELECT n FROM jobs WHERE id = ?) AND request_id = ?`;

// An answer that changed nothing, kept so that its repetition gets the same one.
export const recordAnswer = `
  INSERT INTO history (job, seq, at, kind, actor, reason, request_id, attempt, state, phase, data)
  SELECT n, event_seq + 1, :now, :kind, :actor, :reason, :requestId, attempt, state, phase,
    json_object('action', :action)
  FROM jobs WHERE id = :id`;
export const countAnswer = "UPDATE jobs SET event_seq = event_seq + 1 WHERE id = ?";

// Before the moves are applied: a step belongs to the run and phase in which its attempt worked.
export const saveSteps = `
  INSERT INTO steps (job, run, phase, name, result)
  SELECT m.n, j.run, j.phase, m.step_name, m.step_result
  FROM moves AS m CROSS JOIN jobs AS j ON j.n = m.n WHERE m.step_name IS NOT NULL ORDER BY m.pos
  ON CONFLICT DO NOTHING`;

const ENTERS_ROLLBACK = "(m.phase = 'rollback' AND m.from_phase = 'forward')";
const STARTS_ANEW = "(m.event = 'retry' AND (m.from_start OR m.from_phase = 'rollback'))";
const FORGETS = `(${ENTERS_ROLLBACK} OR ${STARTS_ANEW})`;
// Attempts and crashes count from the start again.
const REFRESHES = `(m.event IN ('retry', 'rollback') OR ${ENTERS_ROLLBACK})`;
const REACHED = `(m.from_state = 'cancelling' OR m.from_state = 'pausing' AND m.state = 'paused')`;

// Whatever changes available_at has to say as well whether that time has come, in `ready`.
const AVAILABLE_AT = `CASE
      WHEN ${REFRESHES} THEN ?1
      WHEN m.event = 'fail' AND m.state IN ('queued', 'paused') THEN ?1 + m.retry_in_ms
      WHEN m.available_in_ms IS NOT NULL THEN ?1 + m.available_in_ms
      WHEN m.event = 'lost' AND m.state = 'queued' THEN ?1 + ${crashBackoff("jobs.crash_count + 1")}
      ELSE jobs.available_at END`;

// What every move does to its job, whatever caused it. ?1 is now. Both sides by rowid; the plus keeps the planner from
// reading all of `jobs` to look each one up in `moves`.
export const applyMoves = `
  UPDATE jobs SET
    state = m.state,
    phase = m.phase,
    event_seq = m.event_seq,
    run = jobs.run + ${STARTS_ANEW},
    attempt = CASE
      WHEN ${REFRESHES} THEN 1
      WHEN m.event = 'fail' AND m.state IN ('queued', 'paused') THEN jobs.attempt + 1
      ELSE jobs.attempt END,
    crash_count = CASE
      WHEN ${REFRESHES} THEN 0
      WHEN m.event = 'lost' THEN jobs.crash_count + 1
      WHEN m.seq > jobs.seq OR m.step_name IS NOT NULL THEN 0
      ELSE jobs.crash_count END,
    available_at = ${AVAILABLE_AT},
    ready = CASE WHEN m.state IN ('queued', 'paused')
      THEN iif(${AVAILABLE_AT} = jobs.available_at, jobs.ready, ${AVAILABLE_AT} <= ?1) ELSE 1 END,
    worker_id = CASE WHEN m.state IN ${leased} THEN jobs.worker_id END,
    claimed_at = CASE WHEN m.state IN ${leased} THEN jobs.claimed_at END,
    abandoned = CASE WHEN m.state IN ${leased} THEN jobs.abandoned ELSE 0 END,
    stalled = CASE WHEN m.state IN ${leased} THEN jobs.stalled ELSE 0 END,
    running_ms = jobs.running_ms + CASE
      WHEN jobs.worker_id IS NOT NULL AND m.state NOT IN ${leased} THEN max(0, m.alive_until - jobs.claimed_at)
      ELSE 0 END,
    finished_at = CASE WHEN m.state IN ${final} THEN ?1 END,
    seq = max(jobs.seq, coalesce(m.seq, 0)),
    cursor = CASE WHEN ${FORGETS} THEN NULL WHEN m.seq > jobs.seq THEN m.cursor ELSE jobs.cursor END,
    saved_at = CASE WHEN ${FORGETS} THEN NULL WHEN m.seq > jobs.seq THEN ?1 ELSE jobs.saved_at END,
    progress = CASE WHEN ${FORGETS} THEN NULL ELSE coalesce(m.progress, jobs.progress) END,
    output = CASE
      WHEN m.event = 'succeed' AND m.from_phase = 'forward' THEN m.output
      WHEN m.event = 'retry' THEN NULL
      ELSE jobs.output END,
    error = CASE
      WHEN m.error IS NOT NULL THEN m.error
      WHEN m.event = 'retry' OR m.event = 'succeed' AND m.from_phase = 'forward' THEN NULL
      ELSE jobs.error END,
    control = CASE
      WHEN m.control IS NOT NULL THEN
        iif(m.state IN ('pausing', 'cancelling'), m.control, json_set(m.control, '$.reachedAt', CAST(?1 AS INTEGER)))
      WHEN ${REACHED} THEN json_set(jobs.control, '$.reachedAt', CAST(?1 AS INTEGER))
      ELSE jobs.control END
  FROM moves AS m WHERE jobs.n = +m.n`;

export const recordMoves = `
  INSERT INTO history (job, seq, at, kind, actor, reason, request_id, attempt, state, phase, data)
  SELECT n, event_seq, ?1, event, actor, reason, request_id, attempt, state, phase, data FROM moves`;

// What a notice and a caller need of each, together with those that made the same step in the same place.
export const movedJobs = `
  SELECT j.type AS type, j.queue AS queue, m.from_state AS from_state, m.state AS state, count(*) AS jobs,
    json_group_array(json_array(m.pos, j.id, j.type, j.queue, m.state, m.phase, j.available_at)) AS moved
  FROM moves AS m CROSS JOIN jobs AS j ON j.n = m.n
  GROUP BY j.type, j.queue, m.from_state, m.state`;
