// Tokens and sessions. :now is the store's time: whether something has ended is decided here.

const VALID = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)";
const VALID_FOR_MS = `CASE WHEN NOT (${VALID}) THEN 0 ELSE expires_at - :now END`;
const TOKEN = `json_array(id, name, scope, digest, created_at, created_by, expires_at, revoked_at, revoked_by,
  last_used_at, ${VALID_FOR_MS}) AS record`;

// Served by tokens_name. Writers come one after the other, so of two that insert one name the second finds the first.
export const insertToken = `
  INSERT INTO tokens (id, name, scope, digest, created_at, created_by, expires_at)
  SELECT :id, :name, :scope, :digest, :now, :createdBy, :now + :expiresInMs
  WHERE NOT EXISTS (SELECT 1 FROM tokens WHERE name = :name AND ${VALID})
  RETURNING ${TOKEN}`;
// Keeps the newest ?2 that have ended. By rowid.
export const trimTokens = `
  DELETE FROM tokens WHERE n IN (
    SELECT n FROM tokens WHERE NOT (revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?1))
    ORDER BY n DESC LIMIT -1 OFFSET ?2)`;
// All, by rowid: as many as people made.
export const tokens = `SELECT ${TOKEN} FROM tokens ORDER BY n DESC`;
export const hasTokens = "SELECT EXISTS (SELECT 1 FROM tokens) AS made";

// By the unique index on id.
export const findToken = `SELECT ${TOKEN} FROM tokens WHERE id = :id`;
export const revokeToken = "UPDATE tokens SET revoked_at = ?1, revoked_by = ?2 WHERE id = ?3 AND revoked_at IS NULL";
export const touchTokens = "UPDATE tokens SET last_used_at = ? WHERE id IN (SELECT value FROM json_each(?))";

// By primary key.
export const insertSession = "INSERT INTO sessions (digest, token_id, expires_at) VALUES (?, ?, ?)";
export const findSession = `
  SELECT json_array(token_id, expires_at, expires_at - ?2) AS record FROM sessions WHERE digest = ?1 AND expires_at > ?2`;
export const removeSession = "DELETE FROM sessions WHERE digest = ?";
// Served by sessions_token.
export const removeSessions = "DELETE FROM sessions WHERE token_id = ?";
// Keeps the ?2 of one token that end last. Served by sessions_token.
export const trimSessions = `
  DELETE FROM sessions WHERE digest IN (
    SELECT digest FROM sessions WHERE token_id = ?1 ORDER BY expires_at DESC LIMIT -1 OFFSET ?2)`;
// Served by sessions_ended.
export const forgetSessions = `
  DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE expires_at <= ? LIMIT +?)`;
