// Tokens, sessions and the audit.
import type { AuditEntry } from "../../domain/access.ts";
import type { AuditWrite, Store } from "../../ports/store.ts";
import { auditEntryOf, sessionRecordOf, tokenRecordOf } from "../sql/access-rows.ts";
import { parseArray } from "../sql/rows.ts";
import type { Database } from "./database.ts";
import * as sql from "./queries/access.ts";

/** Tokens that have ended and are still listed. */
const ENDED_TOKENS = 1_000;
/** Sessions that a token may have beside a new one: of more, those go that end first. */
const OTHER_SESSIONS = 999;
/** Ended sessions that a new one takes along. */
const FORGOTTEN_AT_ONCE = 1_000;

export function createAccessStores(database: Database): Pick<Store, "tokens" | "sessions" | "audit"> {
  return {
    tokens: createTokenStore(database),
    sessions: createSessionStore(database),
    audit: createAuditStore(database),
  };
}

function createTokenStore(database: Database): Store["tokens"] {
  const findToken: Store["tokens"]["findToken"] = async (id) => {
    const [row] = await database.run(sql.findToken, id);
    return row === undefined ? null : tokenRecordOf(row.token);
  };
  return {
    async insertToken({ id, name, scope, digest, createdBy, expiresInMs }) {
      const inserted = await database.transaction(async (transaction) => {
        await transaction.run(sql.lockTokenName, name);
        await transaction.run(sql.trimTokens, ENDED_TOKENS);
        const lifetime = expiresInMs === null ? null : Math.floor(expiresInMs);
        return transaction.run(sql.insertToken, id, name, scope, digest, createdBy, lifetime);
      });
      const token = inserted.length === 0 ? null : await findToken(id);
      return token === null ? { kind: "name_taken" } : { kind: "inserted", token };
    },
    tokens: async () => (await database.run(sql.tokens)).map((row) => tokenRecordOf(row.token)),
    findToken,
    async revokeToken(id, by) {
      await database.run(sql.revokeToken, id, by);
      return findToken(id);
    },
    async touchTokens(ids) {
      if (ids.length > 0) await database.run(sql.touchTokens, JSON.stringify(ids));
    },
    hasTokens: async () => (await database.run(sql.hasTokens))[0]?.made === true,
  };
}

function createSessionStore(database: Database): Store["sessions"] {
  return {
    async insertSession({ digest, tokenId, keepMs }) {
      const kept = [Math.floor(keepMs), OTHER_SESSIONS, FORGOTTEN_AT_ONCE] as const;
      const [row] = await database.transaction(async (transaction) => {
        // One after the other, so that each sees the sessions that it has to make room among.
        await transaction.run(sql.lockSessions, tokenId);
        return transaction.run(sql.insertSession, digest, tokenId, ...kept);
      });
      return sessionRecordOf(row?.session);
    },
    async findSession(digest) {
      const [row] = await database.run(sql.findSession, digest);
      return row === undefined ? null : sessionRecordOf(row.session);
    },
    async removeSession(digest) {
      await database.run(sql.removeSession, digest);
    },
  };
}

/** As inside of a JSON string: a text may hold what PostgreSQL's texts cannot. */
const written = <T extends string | null>(text: T) => (text === null ? null : JSON.stringify(text).slice(1, -1));
const read = (text: unknown): unknown => (typeof text === "string" ? JSON.parse(`"${text}"`) : text);

/** An entry as it is stored, with its texts as they were. */
function readEntry(value: unknown): AuditEntry {
  const [seq, at, actor, tokenId, address, action, target, refused, code, reason, count] = parseArray(value, 11);
  const texts = [read(actor), tokenId, address, read(action), read(target)];
  return auditEntryOf([seq, at, ...texts, refused, code, read(reason), count]);
}

const memberOf = (entry: AuditWrite) => [
  written(entry.actor),
  entry.tokenId,
  entry.address,
  written(entry.action),
  written(entry.target),
  entry.outcome === "refused" ? 1 : 0,
  entry.code,
  written(entry.reason),
  entry.count,
];

function createAuditStore(database: Database): Store["audit"] {
  return {
    async appendAudit(entries) {
      if (entries.length > 0) await database.run(sql.appendAudit, JSON.stringify(entries.map(memberOf)));
    },
    async audit({ filter, before, limit }) {
      const { actor = null, action = null, target = null, outcome } = filter;
      const refused = outcome === undefined ? null : outcome === "refused";
      const rows = await database.ask(
        sql.audit,
        written(actor),
        written(action),
        written(target),
        refused,
        before,
        limit,
      );
      return rows.map((row) => readEntry(row.entry));
    },
    async pruneAudit({ maxAgeMs, maxCount, limit }) {
      if (maxAgeMs === null && maxCount === null) return 0;
      return (await database.run(sql.pruneAudit, maxAgeMs, maxCount, limit)).length;
    },
  };
}
