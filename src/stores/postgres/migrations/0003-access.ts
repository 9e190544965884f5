// Tokens, sessions, the audit. Only digests of secrets.

export const CREATE_ACCESS = `
  CREATE TABLE pawl.tokens (
    n bigint GENERATED ALWAYS AS IDENTITY,
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    scope text NOT NULL,
    digest text NOT NULL,
    created_at bigint NOT NULL,
    created_by text NOT NULL,
    expires_at bigint,
    revoked_at bigint,
    revoked_by text,
    last_used_at bigint
  );
  CREATE INDEX tokens_name ON pawl.tokens (name) WHERE revoked_at IS NULL;

  CREATE TABLE pawl.sessions (
    digest text COLLATE "C" PRIMARY KEY,
    token_id text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL
  );
  CREATE INDEX sessions_token ON pawl.sessions (token_id, expires_at);
  CREATE INDEX sessions_ended ON pawl.sessions (expires_at);

  CREATE TABLE pawl.audit (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    actor text COLLATE "C",
    token_id text,
    address text,
    action text COLLATE "C" NOT NULL,
    target text COLLATE "C",
    refused boolean NOT NULL,
    code text,
    reason text,
    count bigint NOT NULL
  );
  CREATE INDEX audit_actor ON pawl.audit (actor, seq);
  CREATE INDEX audit_action ON pawl.audit (action, seq);
  CREATE INDEX audit_target ON pawl.audit (target, seq) WHERE target IS NOT NULL;
`;
