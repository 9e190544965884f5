// Who may call: tokens, sessions, the audit. And the sum of what was uploaded, kept instead of added up.

export const CREATE_ACCESS = `
  -- In order of n, which is that of making. Secrets are nowhere: digest is the SHA-256 of one.
  CREATE TABLE tokens (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    revoked_by TEXT,
    last_used_at INTEGER
  ) STRICT;
  -- Names are free again when their token has ended, which only the time says: so this index cannot be unique.
  CREATE INDEX tokens_name ON tokens (name) WHERE revoked_at IS NULL;

  CREATE TABLE sessions (
    digest TEXT PRIMARY KEY,
    token_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_token ON sessions (token_id, expires_at);
  CREATE INDEX sessions_ended ON sessions (expires_at);

  -- AUTOINCREMENT: a seq is never given twice, even when all entries were deleted meanwhile.
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT,
    token_id TEXT,
    address TEXT,
    action TEXT NOT NULL,
    target TEXT,
    refused INTEGER NOT NULL,
    code TEXT,
    reason TEXT,
    count INTEGER NOT NULL
  ) STRICT;
  -- Each is in order of seq within one value, and holds what else can be asked for, so that entries that do not match are
  -- passed over without reading the table. What was done to one target is never much.
  CREATE INDEX audit_actor ON audit (actor, seq, action, refused);
  CREATE INDEX audit_action ON audit (action, seq, refused);
  CREATE INDEX audit_target ON audit (target) WHERE target IS NOT NULL;
  CREATE INDEX audit_refused ON audit (seq, actor, action) WHERE refused;

  -- One row. The triggers see every way in which a file comes and goes.
  CREATE TABLE uploaded (bytes INTEGER NOT NULL) STRICT;
  INSERT INTO uploaded SELECT coalesce(sum(size), 0) FROM files WHERE kind = 'upload';
  CREATE TRIGGER files_inserted AFTER INSERT ON files WHEN new.kind = 'upload' BEGIN
    UPDATE uploaded SET bytes = bytes + new.size;
  END;
  CREATE TRIGGER files_deleted AFTER DELETE ON files WHEN old.kind = 'upload' BEGIN
    UPDATE uploaded SET bytes = bytes - old.size;
  END;
`;
