// Queues with settings, counts that are kept instead of counted, and what a claim needs to step over whatever may not run.

export const CREATE_QUEUES_AND_COUNTS = `
  CREATE TABLE queues (
    name TEXT PRIMARY KEY,
    paused_at INTEGER,
    paused_by TEXT,
    pause_reason TEXT,
    concurrency INTEGER,
    rate_max INTEGER,
    rate_per_ms INTEGER
  ) STRICT, WITHOUT ROWID;

  -- What the rows of jobs say, written in the transaction that changes them.
  CREATE TABLE job_counts (
    state TEXT NOT NULL,
    type TEXT NOT NULL,
    queue TEXT NOT NULL,
    jobs INTEGER NOT NULL,
    PRIMARY KEY (state, type, queue)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO job_counts SELECT state, type, queue, count(*) FROM jobs GROUP BY state, type, queue;

  CREATE TABLE minutes (
    at INTEGER PRIMARY KEY,
    submitted INTEGER NOT NULL,
    started INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    rolled_back INTEGER NOT NULL,
    rollback_failed INTEGER NOT NULL
  ) STRICT;

  -- When jobs of queues with a rate limit were started.
  CREATE TABLE starts (
    queue TEXT NOT NULL,
    at INTEGER NOT NULL,
    jobs INTEGER NOT NULL,
    PRIMARY KEY (queue, at)
  ) STRICT, WITHOUT ROWID;

  -- Whether available_at has come: 0 until a claim finds that it has. So what waits for its time is out of every claim's way.
  ALTER TABLE jobs ADD COLUMN ready INTEGER NOT NULL DEFAULT 1;
  UPDATE jobs SET ready = 0 WHERE state = 'queued' AND available_at > created_at;
  DROP INDEX jobs_queued;
  -- Claim order in each type and queue, without and with a concurrency key.
  CREATE INDEX jobs_ready ON jobs
    (queue, type, (concurrency_key IS NOT NULL), priority DESC, available_at, n, concurrency_key)
    WHERE state = 'queued' AND ready = 1;
  CREATE INDEX jobs_keys ON jobs (queue, type, concurrency_key, priority DESC, available_at, n)
    WHERE state = 'queued' AND ready = 1 AND concurrency_key IS NOT NULL;
  CREATE INDEX jobs_scheduled ON jobs (queue, type, available_at) WHERE state = 'queued' AND ready = 0;
  CREATE INDEX jobs_held_keys ON jobs (type, concurrency_key)
    WHERE worker_id IS NOT NULL AND concurrency_key IS NOT NULL;

  -- By state, type and queue, in order of submission. What is leased is found by jobs_leased: so a claim takes a job out of
  -- this index, and only the end of its attempt puts it in again.
  DROP INDEX jobs_place;
  CREATE INDEX jobs_place ON jobs (state, type, queue) WHERE worker_id IS NULL;

  ALTER TABLE workers ADD COLUMN concurrency INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE workers ADD COLUMN started_at INTEGER NOT NULL DEFAULT 0;
`;
