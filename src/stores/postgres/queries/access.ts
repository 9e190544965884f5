// Tokens, sessions, the audit. Whether something has ended is decided here, by the database's clock.
import { NOW } from "./fragments.ts";

const VALID = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > t.now)";
const AT = `(SELECT ${NOW} AS now) AS t`;
const TOKEN = `json_build_array(id, name, scope, digest, created_at, created_by, expires_at, revoked_at, revoked_by,
  last_used_at, CASE WHEN NOT (${VALID}) THEN 0 ELSE expires_at - t.now END) AS token`;

// Two that insert one name come one after the other. Held until the transaction ends.
export const lockTokenName = "SELECT pg_advisory_xact_lock(hashtextextended('pawl token ' || $1, 0))";
// $1 id, $2 name, $3 scope, $4 digest, $5 createdBy, $6 expiresInMs. Served by tokens_name.
export const insertToken = `
  INSERT INTO pawl.tokens (id, name, scope, digest, created_at, created_by, expires_at)
  SELECT $1, $2, $3, $4, t.now, $5, t.now + $6::bigint FROM ${AT}
  WHERE NOT EXISTS (SELECT 1 FROM pawl.tokens WHERE name = $2 AND ${VALID})
  RETURNING id`;
// Keeps the newest $1 that have ended.
export const trimTokens = `
  DELETE FROM pawl.tokens WHERE n IN (
    SELECT n FROM pawl.tokens CROSS JOIN ${AT} WHERE NOT (${VALID}) ORDER BY n DESC OFFSET $1::int)`;
// All, sorted: as many as people made.
export const tokens = `SELECT ${TOKEN} FROM pawl.tokens CROSS JOIN ${AT} ORDER BY created_at DESC, n DESC`;
export const hasTokens = "SELECT EXISTS (SELECT 1 FROM pawl.tokens) AS made";
// By primary key, as are the next.
export const findToken = `SELECT ${TOKEN} FROM pawl.tokens CROSS JOIN ${AT} WHERE id = $1`;
export const revokeToken = `
  WITH ended AS (DELETE FROM pawl.sessions WHERE token_id = $1)
  UPDATE pawl.tokens SET revoked_at = ${NOW}, revoked_by = $2 WHERE id = $1 AND revoked_at IS NULL`;
export const touchTokens = `
  UPDATE pawl.tokens SET last_used_at = ${NOW} WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb))`;

// Held until the transaction ends.
export const lockSessions = "SELECT pg_advisory_xact_lock(hashtextextended('pawl sessions ' || $1, 0))";
// $1 digest, $2 tokenId, $3 keepMs, $4 sessions that the token may have beside it, $5 ended ones to take along. Served by
// sessions_token and sessions_ended.
export const insertSession = `
  WITH forgotten AS (
    DELETE FROM pawl.sessions WHERE digest IN (
      SELECT digest FROM pawl.sessions WHERE expires_at <= ${NOW} LIMIT $5::int FOR UPDATE SKIP LOCKED)
  ),
  trimmed AS (
    DELETE FROM pawl.sessions WHERE digest IN (
      SELECT digest FROM pawl.sessions WHERE token_id = $2 ORDER BY expires_at DESC OFFSET $4::int)
  )
  INSERT INTO pawl.sessions (digest, token_id, expires_at)
  SELECT $1, $2, t.now + $3::bigint FROM ${AT}
  RETURNING json_build_array(token_id, expires_at, $3::bigint) AS session`;
export const findSession = `
  SELECT json_build_array(token_id, expires_at, expires_at - t.now) AS session
  FROM pawl.sessions CROSS JOIN ${AT} WHERE digest = $1 AND expires_at > t.now`;
export const removeSession = "DELETE FROM pawl.sessions WHERE digest = $1";

// Members: [actor, tokenId, address, action, target, refused, code, reason, count].
export const appendAudit = `
  INSERT INTO pawl.audit (at, actor, token_id, address, action, target, refused, code, reason, count)
  SELECT t.now, v ->> 0, v ->> 1, v ->> 2, v ->> 3, v ->> 4, (v ->> 5)::int = 1, v ->> 6, v ->> 7, (v ->> 8)::bigint
  FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS e (v, o) CROSS JOIN ${AT} ORDER BY o`;
// $1 actor, $2 action, $3 target, $4 refused, $5 before, $6 limit; NULL: whatever it is. By audit_actor, audit_action,
// audit_target or the primary key, backwards.
export const audit = `
  SELECT json_build_array(seq, at, actor, token_id, address, action, target, refused::int, code, reason, count) AS entry
  FROM pawl.audit
  WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2) AND ($3::text IS NULL OR target = $3)
    AND ($4::boolean IS NULL OR refused = $4) AND ($5::bigint IS NULL OR seq < $5)
  ORDER BY seq DESC LIMIT $6::int`;
// $1 maxAgeMs, $2 maxCount, $3 limit. The first of the primary key. An entry of the future, made while the clock was wrong, says
// nothing of those after it: it goes with the first of them that is old. Whatever is younger than the limit keeps all that came
// after it.
export const pruneAudit = `
  WITH t AS MATERIALIZED (SELECT pawl.now_ms() AS now),
  oldest AS MATERIALIZED (SELECT seq, at FROM pawl.audit ORDER BY seq LIMIT $3::int),
  young AS (SELECT min(seq) AS seq FROM oldest CROSS JOIN t WHERE at > now - $1::bigint AND at <= now)
  DELETE FROM pawl.audit WHERE seq <= greatest(
    (SELECT max(o.seq) FROM oldest AS o CROSS JOIN t
     WHERE o.at <= t.now - $1::bigint AND o.seq < coalesce((SELECT seq FROM young), 9e15)),
    least((SELECT max(seq) FROM oldest),
      coalesce((SELECT seq FROM pawl.audit WHERE $2::int IS NOT NULL ORDER BY seq DESC LIMIT 1 OFFSET $2::int), -1))
  ) RETURNING seq`;
