// The first schema: jobs, what is written beside them, and who works.
// Rows of one job are found by its short integer `n`; callers only ever see `id`.

/** Creates everything. Runs in one transaction with the new `user_version`. */
export const CREATE_JOBS = `
  CREATE TABLE jobs (
    n INTEGER PRIMARY KEY,
    state TEXT NOT NULL DEFAULT 'queued',
    phase TEXT NOT NULL DEFAULT 'forward',
    run INTEGER NOT NULL DEFAULT 1,
    token INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 1,
    crash_count INTEGER NOT NULL DEFAULT 0,
    event_seq INTEGER NOT NULL DEFAULT 1,
    worker_id TEXT,
    abandoned INTEGER NOT NULL DEFAULT 0,
    available_at INTEGER NOT NULL,
    claimed_at INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    running_ms INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL DEFAULT 0,
    saved_at INTEGER,
    priority INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    can_rollback INTEGER NOT NULL,
    rollback_on_failure INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    queue TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    key TEXT,
    exclusive_group TEXT,
    labels TEXT,
    control TEXT,
    error TEXT,
    progress TEXT,
    artifacts TEXT,
    cursor TEXT,
    output TEXT,
    input TEXT
  ) STRICT;

  -- Claim order, and the count per queue at open: n and queue are in it, so that neither reads the table.
  CREATE INDEX jobs_queued ON jobs (type, priority DESC, available_at, n, queue) WHERE state = 'queued';
  CREATE INDEX jobs_leased ON jobs (worker_id) WHERE worker_id IS NOT NULL;
  -- An unfinished job is one without finished_at.
  CREATE UNIQUE INDEX jobs_key_held ON jobs (key) WHERE key IS NOT NULL AND finished_at IS NULL;
  CREATE UNIQUE INDEX jobs_group_held ON jobs (exclusive_group)
    WHERE exclusive_group IS NOT NULL AND finished_at IS NULL;
  CREATE INDEX jobs_key ON jobs (key) WHERE key IS NOT NULL;
  CREATE INDEX jobs_place ON jobs (state, type);

  -- An input of more than a few pages would be rewritten with every change of its row: it lives here instead.
  CREATE TABLE large_inputs (job INTEGER PRIMARY KEY, input TEXT NOT NULL) STRICT;

  CREATE TABLE labels (label TEXT NOT NULL, job INTEGER NOT NULL, PRIMARY KEY (label, job)) STRICT, WITHOUT ROWID;
  CREATE INDEX labels_job ON labels (job);

  -- Entry 1, the submit, is not stored: the job's own row says all of it.
  CREATE TABLE history (
    job INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    request_id TEXT,
    attempt INTEGER NOT NULL,
    state TEXT NOT NULL,
    phase TEXT NOT NULL,
    data TEXT,
    PRIMARY KEY (job, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX history_request ON history (job, request_id) WHERE request_id IS NOT NULL;

  CREATE TABLE logs (
    job INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    fields TEXT,
    PRIMARY KEY (job, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    alive INTEGER NOT NULL,
    -- On the owner's monotonic clock: setting the machine's time neither ends nor prolongs a lease.
    expires_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE files (
    id TEXT PRIMARY KEY,
    job_id TEXT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  -- Which jobs read an upload: it stays as long as one of them does.
  CREATE TABLE file_users (file TEXT NOT NULL, job_id TEXT NOT NULL, PRIMARY KEY (file, job_id)) STRICT, WITHOUT ROWID;
  CREATE INDEX file_users_job ON file_users (job_id);
  CREATE INDEX files_job ON files (job_id, name) WHERE job_id IS NOT NULL;
`;
