// Every SQL statement of the SQLite store. Batches arrive as one JSON array of arrays, by position, and are joined to
// `jobs`; `jsonb_each` hands out parsed members, so that reading a field does not parse the member again.
// Lock order does not matter here: there is one writer, in BEGIN IMMEDIATE. Text that a job's author wrote (input,
// output, cursor, details, fields) travels as a string in the JSON, so that SQLite never parses it.
import { type Action, FINAL_STATES, LEASED_STATES, OUTCOME_EVENTS, STATES } from "../../domain/lifecycle.ts";
import {
  chosenBy,
  crashBackoff,
  eitherOf,
  listed,
  phaseAfter,
  quoted,
  stateAfter,
  type Vocabulary,
} from "./transitions.ts";

/** Inputs of more than this many bytes do not live in the job's row. */
export const LARGE_INPUT_BYTES = 2_000;

const leased = listed(LEASED_STATES);
const final = listed(FINAL_STATES);

/** A whole job as one JSON array; `rows.ts` reads it in this order. */
const RECORD = `json_array(
  id, type, queue, key, exclusive_group, priority, labels,
  coalesce(input, (SELECT l.input FROM large_inputs AS l WHERE l.job = n)), output, error,
  state, phase, run, token, attempt, max_attempts, crash_count, can_rollback, rollback_on_failure,
  control, seq, cursor, saved_at, progress, artifacts, abandoned, worker_id,
  created_at, available_at, started_at, claimed_at, finished_at, running_ms)`;

/** What a notice says of a changed job. */
const CHANGE = "json_array(id, type, queue, state, phase)";

// The lease check of every write of an attempt: `p` brings [id, workerId, token, ...].
const HELD_JOB = `jsonb_each(?1) AS p CROSS JOIN jobs AS j ON j.id = p.value ->> 0
  WHERE j.worker_id = p.value ->> 1 AND j.token = p.value ->> 2`;

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

// Members: [id, workerId, token, event, output, code, message, details, retryInMs, seq, cursor, progress, cause].
// Jobs by the unique index on id.
export const settle = `
  INSERT OR IGNORE INTO moves
    (n, pos, event, event_seq, actor, data, attempt, from_state, from_phase, state, phase, alive_until,
     output, error, retry_in_ms, seq, cursor, progress)
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
    p.value ->> 8, p.value ->> 9, p.value ->> 10, p.value ->> 11
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
    FROM jobs WHERE id = :id
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

const ENTERS_ROLLBACK = "(m.phase = 'rollback' AND m.from_phase = 'forward')";
const STARTS_ANEW = "(m.event = 'retry' AND (m.from_start OR m.from_phase = 'rollback'))";
const FORGETS = `(${ENTERS_ROLLBACK} OR ${STARTS_ANEW})`;
// Attempts and crashes count from the start again.
const REFRESHES = `(m.event IN ('retry', 'rollback') OR ${ENTERS_ROLLBACK})`;
const REACHED = `(m.from_state = 'cancelling' OR m.from_state = 'pausing' AND m.state = 'paused')`;

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
      WHEN m.seq > jobs.seq THEN 0
      ELSE jobs.crash_count END,
    available_at = CASE
      WHEN ${REFRESHES} THEN ?1
      WHEN m.event = 'fail' AND m.state IN ('queued', 'paused') THEN ?1 + m.retry_in_ms
      WHEN m.event = 'lost' AND m.state = 'queued' THEN ?1 + ${crashBackoff("jobs.crash_count + 1")}
      ELSE jobs.available_at END,
    worker_id = CASE WHEN m.state IN ${leased} THEN jobs.worker_id END,
    claimed_at = CASE WHEN m.state IN ${leased} THEN jobs.claimed_at END,
    abandoned = CASE WHEN m.state IN ${leased} THEN jobs.abandoned ELSE 0 END,
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

export const movedJobs = `
  SELECT json_group_array(json_array(m.pos, j.id, j.type, j.queue, m.state, m.phase, j.available_at)) AS moved
  FROM moves AS m CROSS JOIN jobs AS j ON j.n = m.n`;

// By how much the number of waiting jobs of each queue changed.
export const movedQueues = `
  SELECT j.queue AS queue, sum(m.state = 'queued') - sum(m.from_state = 'queued') AS change
  FROM moves AS m CROSS JOIN jobs AS j ON j.n = m.n
  WHERE (m.state = 'queued') <> (m.from_state = 'queued')
  GROUP BY j.queue`;

// Members: [id, type, queue, key, group, priority, labels, input, maxAttempts, canRollback, rollbackOnFailure,
// availableAt, actor, fileIds, queueLimit]. The unique indexes on id, key and group decide; refused members are left out.
export const insert = `
  INSERT INTO jobs (id, type, queue, key, exclusive_group, priority, labels, input, max_attempts, can_rollback,
    rollback_on_failure, available_at, submitted_by, created_at)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    CASE WHEN octet_length(value ->> 7) <= ${LARGE_INPUT_BYTES} THEN value ->> 7 END,
    value ->> 8, value ->> 9, value ->> 10, coalesce(value ->> 11, ?2), value ->> 12, ?2
  FROM jsonb_each(?1) WHERE true
  ON CONFLICT DO NOTHING`;

// Run only when a member was left out. An id that is there already was inserted before, so it is the same job.
export const insertAnswers = `
  SELECT json_group_array(json_array(
    (SELECT j.created_at FROM jobs AS j WHERE j.id = p.value ->> 0),
    (SELECT h.id FROM jobs AS h WHERE h.key = p.value ->> 3 AND h.finished_at IS NULL),
    (SELECT h.id FROM jobs AS h WHERE h.exclusive_group = p.value ->> 4 AND h.finished_at IS NULL)
  )) AS answers
  FROM jsonb_each(?1) AS p`;

// The last rows of the table.
export const insertedQueues = "SELECT queue, count(*) AS waiting FROM jobs WHERE n > ? GROUP BY queue";

// Run only for batches that have such members.
export const insertLargeInputs = `
  INSERT OR IGNORE INTO large_inputs (job, input)
  SELECT j.n, p.value ->> 7 FROM jsonb_each(?1) AS p CROSS JOIN jobs AS j ON j.id = p.value ->> 0
  WHERE octet_length(p.value ->> 7) > ${LARGE_INPUT_BYTES}`;
export const insertLabels = `
  INSERT OR IGNORE INTO labels (label, job)
  SELECT l.key || ':' || l.value, j.n
  FROM jsonb_each(?1) AS p CROSS JOIN jobs AS j ON j.id = p.value ->> 0 CROSS JOIN json_each(p.value ->> 6) AS l`;
export const useFiles = `
  INSERT OR IGNORE INTO file_users (file, job_id)
  SELECT f.value, p.value ->> 0 FROM jsonb_each(?1) AS p CROSS JOIN json_each(p.value -> 13) AS f
  WHERE EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = p.value ->> 0)`;
export const adoptFiles = `
  UPDATE files SET job_id = t.job
  FROM (
    SELECT f.value AS file, p.value ->> 0 AS job FROM jsonb_each(?1) AS p CROSS JOIN json_each(p.value -> 13) AS f
    WHERE EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = p.value ->> 0)
  ) AS t
  WHERE files.id = +t.file AND files.kind = 'upload'`;

// At the first insert only: a covering scan of jobs_queued.
export const countQueued = "SELECT queue, count(*) AS waiting FROM jobs WHERE state = 'queued' GROUP BY queue";

// Served by the unique index on id.
export const get = `SELECT ${RECORD} AS record FROM jobs WHERE id IN (SELECT value FROM json_each(?))`;

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

// Members: [id, workerId, token, seq, cursor, progress], each job once. Jobs by the unique index on id, then by rowid.
export const checkpoint = `
  WITH t AS MATERIALIZED (
    SELECT j.n AS n, p.value ->> 3 AS seq, p.value ->> 4 AS cursor, p.value ->> 5 AS progress
    FROM ${HELD_JOB}
  )
  UPDATE jobs SET seq = max(jobs.seq, t.seq),
    cursor = iif(t.seq > jobs.seq, t.cursor, jobs.cursor),
    progress = iif(t.seq > jobs.seq, t.progress, jobs.progress),
    saved_at = iif(t.seq > jobs.seq, ?2, jobs.saved_at),
    crash_count = iif(t.seq > jobs.seq, 0, jobs.crash_count)
  FROM t WHERE jobs.n = +t.n
  RETURNING ${CHANGE} AS change`;

// Members: [id, workerId, token, progress], each job once. As checkpoint.
export const reportProgress = `
  WITH t AS MATERIALIZED (SELECT j.n AS n, p.value ->> 3 AS progress FROM ${HELD_JOB})
  UPDATE jobs SET progress = t.progress FROM t WHERE jobs.n = +t.n
  RETURNING ${CHANGE} AS change`;

// Served by the unique index on id, as is the next.
export const abandon = `
  UPDATE jobs SET abandoned = 1, event_seq = event_seq + 1
  WHERE id = ?1 AND worker_id = ?2 AND token = ?3 AND NOT abandoned
  RETURNING ${CHANGE} AS change`;
export const recordAbandon = `
  INSERT INTO history (job, seq, at, kind, actor, attempt, state, phase)
  SELECT n, event_seq, ?2, 'abandon', 'worker:' || worker_id, attempt, state, phase FROM jobs WHERE id = ?1`;

// One held job. Served by the unique index on id.
export const heldJob = "SELECT n, artifacts FROM jobs WHERE id = ? AND worker_id = ? AND token = ?";

export const removable = `SELECT n, state, ${RECORD} AS record, ${CHANGE} AS change FROM jobs WHERE id = ?`;
export const removeJob = "DELETE FROM jobs WHERE n = ?";
// Each by its primary key's first column, or labels_job.
export const removeHistory = "DELETE FROM history WHERE job = ?";
export const removeLogs = "DELETE FROM logs WHERE job = ?";
export const removeLabels = "DELETE FROM labels WHERE job = ?";
export const removeLargeInput = "DELETE FROM large_inputs WHERE job = ?";
// Served by files_job.
// An upload that other jobs use goes on with one of them.
export const removeFileUser = "DELETE FROM file_users WHERE job_id = ?";
export const passFilesOn = `
  UPDATE files SET job_id = (SELECT min(u.job_id) FROM file_users AS u WHERE u.file = files.id)
  WHERE job_id = ? AND EXISTS (SELECT 1 FROM file_users AS u WHERE u.file = files.id)`;
export const removeJobFiles = "DELETE FROM files WHERE job_id = ? RETURNING id";

// Workers: by primary key; the table holds as many rows as workers live or wait for the reaper.
export const register = `
  INSERT INTO workers (id, host, pid, alive, expires_at, seen_at) VALUES (?, ?, ?, 1, ?, ?)`;
export const renew = `
  UPDATE workers SET expires_at = ?, seen_at = ? WHERE id = ? AND alive AND expires_at > ?`;
export const workerAlive = "SELECT 1 FROM workers WHERE id = ? AND alive AND expires_at > ?";
export const retire = "UPDATE workers SET alive = 0, seen_at = ? WHERE id = ? AND alive";
export const expireWorkers = "UPDATE workers SET alive = 0 WHERE alive AND expires_at <= ?";
export const removeDeadWorkers = "DELETE FROM workers WHERE NOT alive";
// At open: there is one owner, so whoever else was alive is not.
export const buryWorkers = "UPDATE workers SET alive = 0";
// What waits for one worker. Served by jobs_leased.
export const renewRequests = `
  SELECT json_group_array(json_array(id, token, control ->> 'action')) AS requests FROM jobs
  WHERE worker_id = ? AND state IN ('pausing', 'cancelling')`;

// Members: [id, workerId, token, at, level, message, fields]. Each job's last line by the primary key of logs.
export const appendLogs = `
  INSERT INTO logs (job, seq, at, level, message, fields)
  SELECT j.n, coalesce((SELECT max(l.seq) FROM logs AS l WHERE l.job = j.n), 0)
      + row_number() OVER (PARTITION BY j.n ORDER BY p.key),
    p.value ->> 3, p.value ->> 4, p.value ->> 5, p.value ->> 6
  FROM ${HELD_JOB}`;
// A range at the beginning of one job's lines.
export const trimLogs = `
  DELETE FROM logs WHERE job = (SELECT n FROM jobs WHERE id = ?1)
    AND seq <= (SELECT max(l.seq) FROM logs AS l WHERE l.job = (SELECT n FROM jobs WHERE id = ?1)) - ?2`;

export const insertFile = `
  INSERT INTO files (id, job_id, kind, name, media_type, size, sha256, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
// Served by files_job.
export const replaceArtifact = "DELETE FROM files WHERE job_id = ? AND name = ? AND kind = 'artifact' RETURNING id";
export const setArtifacts = `UPDATE jobs SET artifacts = ? WHERE n = ? RETURNING ${CHANGE} AS change`;
export const getFiles = `
  SELECT json_array(id, job_id, kind, name, media_type, size, sha256, created_at) AS record FROM files
  WHERE id IN (SELECT value FROM json_each(?))`;
export const removeFiles = "DELETE FROM files WHERE id IN (SELECT value FROM json_each(?))";

// The first entry is the submit, told from the job's row; the others are a range of the primary key.
export const history = `
  SELECT json_array(seq, at, kind, actor, reason, attempt, state, phase, data) AS record FROM (
    SELECT 1 AS seq, created_at AS at, 'submit' AS kind, submitted_by AS actor, NULL AS reason, 1 AS attempt,
      'queued' AS state, 'forward' AS phase, NULL AS data
    FROM jobs WHERE id = ?1 AND ?2 < 1
    UNION ALL
    SELECT * FROM (
      SELECT seq, at, kind, actor, reason, attempt, state, phase, data FROM history
      WHERE job = (SELECT n FROM jobs WHERE id = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3
    )
  ) LIMIT ?3`;

// A range of the primary key.
export const logs = `
  SELECT json_array(seq, at, level, message, fields) AS record FROM logs
  WHERE job = (SELECT n FROM jobs WHERE id = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3`;

type Order = "newest" | "oldest";
const DIRECTION: Readonly<Record<Order, string>> = { newest: "DESC", oldest: "ASC" };
const BEYOND: Readonly<Record<Order, string>> = { newest: "y.n < :bound", oldest: "y.n > :bound" };

const MATCHES = `
  (:states IS NULL OR y.state IN (SELECT value FROM json_each(:states)))
  AND (:types IS NULL OR y.type IN (SELECT value FROM json_each(:types)))
  AND (:queues IS NULL OR y.queue IN (SELECT value FROM json_each(:queues)))
  AND (:key IS NULL OR y.key = :key)
  AND (:label IS NULL OR EXISTS (SELECT 1 FROM labels AS l WHERE l.label = :label AND l.job = y.n))
  AND (:q IS NULL OR (y.id >= :q AND y.id < :qEnd) OR (y.key >= :q AND y.key < :qEnd))`;

const page = (order: Order, candidates: string) =>
  `SELECT ${RECORD} AS record FROM jobs WHERE n IN (${candidates}) ORDER BY n ${DIRECTION[order]} LIMIT :limit`;

const inOrder = (order: Order, from: string, by = "y.n") =>
  `SELECT y.n FROM ${from} AND ${BEYOND[order]} AND ${MATCHES} ORDER BY ${by} ${DIRECTION[order]} LIMIT :limit`;

// The table in order of submission.
const scanned = (order: Order) => page(order, inOrder(order, "jobs AS y WHERE true"));

// By state and type: for each pair that exists (found seek by seek), one page of jobs_place.
const placed = (order: Order) => `
  WITH RECURSIVE kinds (state, type) AS (
    SELECT s.value, (SELECT min(type) FROM jobs WHERE state = s.value) FROM json_each(:states) AS s
    UNION ALL
    SELECT k.state, (SELECT min(type) FROM jobs WHERE state = k.state AND type > k.type)
    FROM kinds AS k WHERE k.type IS NOT NULL
  )
  ${page(
    order,
    `SELECT y.n FROM kinds AS k CROSS JOIN jobs AS y ON y.n IN (
       SELECT y.n FROM jobs AS y INDEXED BY jobs_place
       WHERE y.state = k.state AND y.type = k.type AND ${BEYOND[order]} AND ${MATCHES}
       ORDER BY y.n ${DIRECTION[order]} LIMIT :limit
     )
     WHERE k.type IS NOT NULL AND (:types IS NULL OR k.type IN (SELECT value FROM json_each(:types)))
     ORDER BY y.n ${DIRECTION[order]} LIMIT :limit`,
  )}`;

// A range of jobs_key, which is in order of submission within one key.
const keyed = (order: Order) => page(order, inOrder(order, "jobs AS y INDEXED BY jobs_key WHERE y.key = :key"));

// A range of labels, which is in order of submission within one label.
const labelled = (order: Order) =>
  page(order, inOrder(order, "labels AS t CROSS JOIN jobs AS y ON y.n = t.job WHERE t.label = :label", "t.job"));

// Ids are UUIDv7, so their order is that of submission; keys with a common prefix are read and sorted.
const prefixed = (order: Order) =>
  page(
    order,
    `SELECT n FROM (${inOrder(order, "jobs AS y WHERE y.id >= :q AND y.id < :qEnd", "y.id")})
     UNION SELECT n FROM (${inOrder(order, "jobs AS y INDEXED BY jobs_key WHERE y.key >= :q AND y.key < :qEnd")})`,
  );

const bothOrders = (build: (order: Order) => string): Readonly<Record<Order, string>> => ({
  newest: build("newest"),
  oldest: build("oldest"),
});

export const list = {
  scanned: bothOrders(scanned),
  placed: bothOrders(placed),
  keyed: bothOrders(keyed),
  labelled: bothOrders(labelled),
  prefixed: bothOrders(prefixed),
} as const;
export const ALL_STATES = JSON.stringify(STATES);

// Where a page goes on. The job it names may be gone: then right where it was.
export const listBound: Readonly<Record<Order, string>> = {
  newest: `SELECT coalesce((SELECT n FROM jobs WHERE id = ?1),
    (SELECT n + 1 FROM jobs WHERE id < ?1 ORDER BY id DESC LIMIT 1), 0) AS bound`,
  oldest: `SELECT coalesce((SELECT n FROM jobs WHERE id = ?1),
    (SELECT n FROM jobs WHERE id < ?1 ORDER BY id DESC LIMIT 1), 0) AS bound`,
};

export const ping = "SELECT count(*) FROM (SELECT 1 FROM jobs LIMIT 1)";
