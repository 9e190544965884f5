// The first schema: jobs, what is written beside them, and who works. Names are written as they are by default, below
// the schema `pawl`; `database.ts` puts another schema's name there where one was chosen.
// Text that a job's author wrote (input, output, cursor, ...) is JSON kept as text: nothing here parses it, and it comes
// back as it went in. Times are epoch milliseconds of the database's clock.

/** What makes an empty table of jobs as large as it is to be at least. */
export const PAGES_OF_JOBS = `
  INSERT INTO pawl.jobs (n, id, type, queue, state, submitted_by, created_at, available_at, max_attempts, priority,
    can_rollback, rollback_on_failure, input) OVERRIDING SYSTEM VALUE
  SELECT -g, g, '', '', '', '', 0, 0, 0, 0, false, false, repeat(' ', 1900) FROM generate_series(1, 256) AS g;
  DELETE FROM pawl.jobs;
`;

/** Creates everything. Runs in one transaction with the new version. */
export const CREATE_JOBS = `
  -- The one clock of all processes. Call it as (SELECT pawl.now_ms()): so it is asked once a statement, and indexes serve
  -- what is compared with it.
  CREATE FUNCTION pawl.now_ms() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
    AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

  CREATE TABLE pawl.jobs (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at bigint NOT NULL,
    available_at bigint NOT NULL,
    claimed_at bigint,
    started_at bigint,
    finished_at bigint,
    saved_at bigint,
    running_ms bigint NOT NULL DEFAULT 0,
    seq bigint NOT NULL DEFAULT 0,
    timeout_ms bigint,
    run integer NOT NULL DEFAULT 1,
    token integer NOT NULL DEFAULT 0,
    attempt integer NOT NULL DEFAULT 1,
    max_attempts integer NOT NULL,
    crash_count integer NOT NULL DEFAULT 0,
    event_seq integer NOT NULL DEFAULT 1,
    log_seq bigint NOT NULL DEFAULT 0,
    priority integer NOT NULL,
    can_rollback boolean NOT NULL,
    rollback_on_failure boolean NOT NULL,
    abandoned boolean NOT NULL DEFAULT false,
    stalled boolean NOT NULL DEFAULT false,
    state text COLLATE "C" NOT NULL DEFAULT 'queued',
    phase text COLLATE "C" NOT NULL DEFAULT 'forward',
    id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    queue text COLLATE "C" NOT NULL,
    worker_id text COLLATE "C",
    key text COLLATE "C",
    exclusive_group text COLLATE "C",
    concurrency_key text COLLATE "C",
    submitted_by text NOT NULL,
    labels text,
    secret_fields text,
    control jsonb,
    error text,
    progress text,
    artifacts text,
    cursor text,
    output text,
    input text NOT NULL
  ) WITH (fillfactor = 80, vacuum_truncate = false, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
  -- The planner goes by how many pages a table has, and what it plans for a handful of jobs would read all of a million. So
  -- this table is never small: it begins with half a megabyte of pages that are empty again, and gives none back.
  ${PAGES_OF_JOBS}

  CREATE UNIQUE INDEX jobs_id ON pawl.jobs (id);
  -- An unfinished job is one without finished_at.
  CREATE UNIQUE INDEX jobs_key_held ON pawl.jobs (key) WHERE key IS NOT NULL AND finished_at IS NULL;
  CREATE UNIQUE INDEX jobs_group_held ON pawl.jobs (exclusive_group)
    WHERE exclusive_group IS NOT NULL AND finished_at IS NULL;
  -- Claim order in each queue and type: priority level by level, the longest available first. Jobs whose time has not come
  -- lie behind those of their level whose time has.
  CREATE INDEX jobs_waiting ON pawl.jobs (queue, type, priority DESC, available_at, n) WHERE state = 'queued';
  CREATE INDEX jobs_waiting_keys ON pawl.jobs (queue, type, concurrency_key, priority DESC, available_at, n)
    WHERE state = 'queued' AND concurrency_key IS NOT NULL;
  CREATE INDEX jobs_leased ON pawl.jobs (worker_id) WHERE worker_id IS NOT NULL;
  CREATE INDEX jobs_leased_keys ON pawl.jobs (type, concurrency_key)
    WHERE worker_id IS NOT NULL AND concurrency_key IS NOT NULL;
  -- Lists and retention.
  CREATE INDEX jobs_key ON pawl.jobs (key, n) WHERE key IS NOT NULL;
  CREATE INDEX jobs_place ON pawl.jobs (state, type, queue, n);
  CREATE INDEX jobs_finished ON pawl.jobs (state, finished_at) WHERE finished_at IS NOT NULL;

  CREATE TABLE pawl.labels (
    label text COLLATE "C" NOT NULL,
    job bigint NOT NULL,
    PRIMARY KEY (label, job)
  );
  CREATE INDEX labels_job ON pawl.labels (job);

  -- Entry 1, the submit, is not stored: the job's own row says all of it. No foreign key: its check would read the job's
  -- row for every entry; whoever deletes a job deletes its history.
  CREATE TABLE pawl.history (
    job bigint NOT NULL,
    seq integer NOT NULL,
    at bigint NOT NULL,
    attempt integer NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    phase text NOT NULL,
    actor text NOT NULL,
    reason text,
    request_id text COLLATE "C",
    data text,
    PRIMARY KEY (job, seq)
  );
  CREATE UNIQUE INDEX history_request ON pawl.history (job, request_id) WHERE request_id IS NOT NULL;

  CREATE TABLE pawl.logs (
    job bigint NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    level text NOT NULL,
    message text NOT NULL,
    fields text,
    PRIMARY KEY (job, seq)
  );

  CREATE TABLE pawl.workers (
    id text COLLATE "C" PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    concurrency integer NOT NULL,
    -- Those that it claims from; NULL: all.
    queues text[],
    alive boolean NOT NULL,
    started_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    -- Of the session lock that the process holds on its lease connection; NULL where it has none.
    lock_key bigint
  );

  CREATE TABLE pawl.files (
    id text COLLATE "C" PRIMARY KEY,
    job_id text COLLATE "C",
    kind text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    created_at bigint NOT NULL
  );
  CREATE INDEX files_job ON pawl.files (job_id, name) WHERE job_id IS NOT NULL;
  CREATE INDEX files_free ON pawl.files (created_at) WHERE job_id IS NULL;
  CREATE INDEX files_uploads ON pawl.files (size) WHERE kind = 'upload';
  -- Which jobs read an upload: it stays as long as one of them does.
  CREATE TABLE pawl.file_users (
    file text COLLATE "C" NOT NULL,
    job_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (file, job_id)
  );
  CREATE INDEX file_users_job ON pawl.file_users (job_id);

  CREATE TABLE pawl.queues (
    name text COLLATE "C" PRIMARY KEY,
    paused_at bigint,
    paused_by text,
    pause_reason text,
    concurrency integer,
    rate_max integer,
    rate_per_ms bigint
  );
  -- When jobs of queues with a rate limit were started.
  CREATE TABLE pawl.starts (queue text COLLATE "C" NOT NULL, at bigint NOT NULL, jobs integer NOT NULL);
  CREATE INDEX starts_queue ON pawl.starts (queue, at);

  -- Jobs per state, type and queue: the sum of both tables. Whoever moves jobs only adds rows to the second, so that
  -- nobody waits for anybody; now and then they are folded into the first.
  CREATE TABLE pawl.counts (
    state text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    queue text COLLATE "C" NOT NULL,
    jobs bigint NOT NULL,
    PRIMARY KEY (state, type, queue)
  );
  CREATE TABLE pawl.count_changes (
    at bigint NOT NULL,
    from_state text,
    to_state text,
    type text NOT NULL,
    queue text NOT NULL,
    jobs bigint NOT NULL
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
  CREATE TABLE pawl.minutes (
    at bigint PRIMARY KEY,
    submitted bigint NOT NULL DEFAULT 0,
    started bigint NOT NULL DEFAULT 0,
    succeeded bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    cancelled bigint NOT NULL DEFAULT 0,
    rolled_back bigint NOT NULL DEFAULT 0,
    rollback_failed bigint NOT NULL DEFAULT 0
  );
`;
