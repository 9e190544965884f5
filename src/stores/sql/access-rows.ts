// Reads tokens, sessions and the audit out of the database's rows. As rows.ts: each cast stands behind a check.
import { type AuditEntry, SCOPES, type Scope } from "../../domain/access.ts";
import { ERROR_CODES, type ErrorCode } from "../../domain/errors.ts";
import type { SessionRecord, TokenRecord } from "../../ports/store.ts";
import { numberOrNull, textOrNull } from "./operator-rows.ts";
import { parseArray } from "./rows.ts";

function asScope(value: unknown): Scope {
  const scope = SCOPES.find((known) => known === value);
  if (scope === undefined) throw new Error(`The database holds an unexpected scope: ${JSON.stringify(value)}.`);
  return scope;
}

/** A token from `queries.findToken`. */
export function tokenRecordOf(value: unknown): TokenRecord {
  const [id, name, scope, digest, createdAt, createdBy, expiresAt, revokedAt, revokedBy, lastUsedAt, validForMs] =
    parseArray(value, 11);
  return {
    id: String(id),
    name: String(name),
    scope: asScope(scope),
    digest: String(digest),
    createdAt: Number(createdAt),
    createdBy: String(createdBy),
    expiresAt: numberOrNull(expiresAt),
    revokedAt: numberOrNull(revokedAt),
    revokedBy: textOrNull(revokedBy),
    lastUsedAt: numberOrNull(lastUsedAt),
    validForMs: numberOrNull(validForMs),
  };
}

/** A session from `queries.findSession`. */
export function sessionRecordOf(value: unknown): SessionRecord {
  const [tokenId, expiresAt, validForMs] = parseArray(value, 3);
  return { tokenId: String(tokenId), expiresAt: Number(expiresAt), validForMs: Number(validForMs) };
}

const isCode = (value: unknown): value is ErrorCode => typeof value === "string" && Object.hasOwn(ERROR_CODES, value);

/** An entry from `queries.audit`. */
export function auditEntryOf(value: unknown): AuditEntry {
  const [seq, at, actor, tokenId, address, action, target, refused, code, reason, count] = parseArray(value, 11);
  return {
    seq: Number(seq),
    at: new Date(Number(at)).toISOString(),
    actor: textOrNull(actor),
    tokenId: textOrNull(tokenId),
    address: textOrNull(address),
    action: String(action),
    target: textOrNull(target),
    outcome: refused === 1 ? "refused" : "done",
    // A program of another version may have known other codes.
    code: code === null ? null : isCode(code) ? code : "internal",
    reason: textOrNull(reason),
    count: Number(count),
  };
}
