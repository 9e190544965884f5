// What a job remembers, submits that are made only once, schedules, and what finds uploads that nobody took.

export const CREATE_MEMORY_AND_SCHEDULES = `
  -- Results of steps. In order of ord, which is that of remembering.
  CREATE TABLE steps (
    ord INTEGER PRIMARY KEY,
    job INTEGER NOT NULL,
    run INTEGER NOT NULL,
    phase TEXT NOT NULL,
    name TEXT NOT NULL,
    result TEXT NOT NULL,
    UNIQUE (job, run, phase, name)
  ) STRICT;

  CREATE TABLE journal (
    job INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (job, seq)
  ) STRICT, WITHOUT ROWID;
  -- Of each job with a journal: the last seq that was given out, which outlives its entry, and how many entries are left.
  CREATE TABLE journals (job INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, size INTEGER NOT NULL) STRICT;

  CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    job_ids TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (caller, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_expired ON idempotency (expires_at);

  -- Windows of submits that count as one. One that begins in the future belongs to a job that waits for its beginning.
  CREATE TABLE dedupe (
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    job_id TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (type, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX dedupe_ended ON dedupe (ends_at);

  CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    type TEXT NOT NULL,
    input TEXT NOT NULL,
    queue TEXT,
    priority INTEGER NOT NULL,
    labels TEXT NOT NULL,
    overlap TEXT NOT NULL,
    missed TEXT NOT NULL,
    paused INTEGER NOT NULL,
    next_at INTEGER,
    -- The last job that a firing inserted, however many firings were skipped since.
    last_job_id TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE firings (
    schedule TEXT NOT NULL,
    fire_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    job_id TEXT,
    message TEXT,
    PRIMARY KEY (schedule, fire_at)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX files_free ON files (created_at) WHERE job_id IS NULL;
`;
