// The audit. An index is named in each statement: which one passes over the fewest entries is known here, and not to SQLite.

// Members: [actor, tokenId, address, action, target, refused, code, reason, count]. At the end of the table.
export const appendAudit = `
  INSERT INTO audit (at, actor, token_id, address, action, target, refused, code, reason, count)
  SELECT ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8
  FROM json_each(?1) ORDER BY key`;

const ENTRY = "json_array(seq, at, actor, token_id, address, action, target, refused, code, reason, count) AS record";
const MATCHES = `(:actor IS NULL OR actor = :actor) AND (:action IS NULL OR action = :action)
  AND (:target IS NULL OR target = :target) AND (:refused IS NULL OR refused = :refused)`;

// The page's entries are found in the index alone, where it holds all that is asked for; only they are read.
const page = (from: string) => `
  SELECT ${ENTRY} FROM audit WHERE seq IN (
    SELECT seq FROM audit ${from} AND seq < :before AND ${MATCHES} ORDER BY seq DESC LIMIT +:limit
  ) ORDER BY seq DESC`;

/** By what is looked for first. Each is a range in order of seq. */
export const audit = {
  target: page("INDEXED BY audit_target WHERE target = :target"),
  refused: page("INDEXED BY audit_refused WHERE refused"),
  actor: page("INDEXED BY audit_actor WHERE actor = :actor"),
  action: page("INDEXED BY audit_action WHERE action = :action"),
  all: page("NOT INDEXED WHERE true"),
} as const;

// The oldest ?1, by rowid.
const OLDEST = "(SELECT seq, at FROM audit ORDER BY seq LIMIT +:limit)";

// An entry of the future, made while the clock was wrong, says nothing of those after it: it goes with the first of them that
// is old. Whatever is younger than :until keeps all that came after it.
export const pruneAged = `
  DELETE FROM audit WHERE seq <= (
    SELECT max(seq) FROM ${OLDEST} WHERE at <= :until AND seq < coalesce(
      (SELECT min(seq) FROM ${OLDEST} WHERE at > :until AND at <= :now), 9e15))`;
// Entries go from the oldest on, so that those that are left have all numbers from the first to the last.
export const pruneCounted = `
  DELETE FROM audit
  WHERE seq <= min((SELECT max(seq) FROM audit) - :maxCount, (SELECT min(seq) FROM audit) + :limit - 1)`;
