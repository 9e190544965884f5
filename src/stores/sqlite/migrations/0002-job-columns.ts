// What a job carries besides: its own time-out, the key of a shared limit, fields that nobody is shown, and the mark of an
// attempt without progress.

export const ADD_JOB_COLUMNS = `
  ALTER TABLE jobs ADD COLUMN timeout_ms INTEGER;
  ALTER TABLE jobs ADD COLUMN concurrency_key TEXT;
  ALTER TABLE jobs ADD COLUMN secret_fields TEXT;
  ALTER TABLE jobs ADD COLUMN stalled INTEGER NOT NULL DEFAULT 0;
`;
