// What a job remembers, submits that are made only once, and schedules.

export const CREATE_MEMORY_AND_SCHEDULES = `
  -- Results of steps. In order of ord, which is that of remembering.
  CREATE TABLE pawl.steps (
    ord bigint GENERATED ALWAYS AS IDENTITY,
    job bigint NOT NULL,
    run integer NOT NULL,
    phase text NOT NULL,
    name text COLLATE "C" NOT NULL,
    result text NOT NULL,
    PRIMARY KEY (job, run, phase, name)
  );

  CREATE TABLE pawl.journal (job bigint NOT NULL, seq bigint NOT NULL, entry text NOT NULL, PRIMARY KEY (job, seq));
  -- Of each job with a journal: the last seq that was given out, which outlives its entry, and how many entries are left.
  CREATE TABLE pawl.journals (job bigint PRIMARY KEY, last_seq bigint NOT NULL, size bigint NOT NULL);

  CREATE TABLE pawl.idempotency (
    caller text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    digest text NOT NULL,
    job_ids text NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (caller, key)
  );
  CREATE INDEX idempotency_expired ON pawl.idempotency (expires_at);

  -- Windows of submits that count as one. One that begins in the future belongs to a job that waits for its beginning.
  CREATE TABLE pawl.dedupe (
    type text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    job_id text COLLATE "C" NOT NULL,
    opened_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    PRIMARY KEY (type, key)
  );
  CREATE INDEX dedupe_ended ON pawl.dedupe (ends_at);

  CREATE TABLE pawl.schedules (
    name text COLLATE "C" PRIMARY KEY,
    cron text NOT NULL,
    time_zone text NOT NULL,
    type text NOT NULL,
    input text NOT NULL,
    queue text,
    priority integer NOT NULL,
    labels text NOT NULL,
    overlap text NOT NULL,
    missed text NOT NULL,
    paused boolean NOT NULL,
    next_at bigint,
    -- The last job that a firing inserted, however many firings were skipped since.
    last_job_id text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision bigint NOT NULL
  );
  CREATE TABLE pawl.firings (
    schedule text COLLATE "C" NOT NULL,
    fire_at bigint NOT NULL,
    at bigint NOT NULL,
    outcome text NOT NULL,
    job_id text,
    message text,
    PRIMARY KEY (schedule, fire_at)
  );
`;
