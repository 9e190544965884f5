// The roles of access over the store's threads: tokens, sessions, the audit.
import type { AuditStore, AuditWrite, SessionStore, TokenStore } from "../../ports/store.ts";
import { auditEntryOf, sessionRecordOf, tokenRecordOf } from "../sql/access-rows.ts";
import { parseArray } from "../sql/rows.ts";
import type { Connection } from "./connection.ts";

export interface AccessRoleOptions {
  readonly writer: Connection;
  readonly reader: Connection;
}

/** The one record of an answer, or `null`. */
function oneOf<T>(answer: string, read: (value: unknown) => T): T | null {
  const [value] = parseArray(JSON.parse(answer));
  return value === undefined ? null : read(value);
}

export function createTokenStore({ writer, reader }: AccessRoleOptions): TokenStore {
  return {
    async insertToken(given) {
      const token = oneOf(await writer.call("insertToken", JSON.stringify(given)), tokenRecordOf);
      return token ? { kind: "inserted", token } : { kind: "name_taken" };
    },
    tokens: async () => parseArray(JSON.parse(await reader.call("tokens"))).map(tokenRecordOf),
    findToken: async (id) => oneOf(await writer.call("findToken", id), tokenRecordOf),
    revokeToken: async (id, by) => oneOf(await writer.call("revokeToken", id, by), tokenRecordOf),
    async touchTokens(ids) {
      if (ids.length > 0) await writer.call("touchTokens", JSON.stringify(ids));
    },
    hasTokens: async () => (await writer.call("hasTokens")) === "1",
  };
}

export function createSessionStore(writer: Connection): SessionStore {
  return {
    async insertSession({ digest, tokenId, keepMs }) {
      const answer = await writer.call("insertSession", digest, tokenId, Math.floor(keepMs));
      return sessionRecordOf(parseArray(JSON.parse(answer), 1)[0]);
    },
    findSession: async (digest) => oneOf(await writer.call("findSession", digest), sessionRecordOf),
    async removeSession(digest) {
      await writer.call("removeSession", digest);
    },
  };
}

const memberOf = (entry: AuditWrite) => [
  entry.actor,
  entry.tokenId,
  entry.address,
  entry.action,
  entry.target,
  entry.outcome === "refused" ? 1 : 0,
  entry.code,
  entry.reason,
  entry.count,
];

export function createAuditStore({ writer, reader }: AccessRoleOptions): AuditStore {
  return {
    async appendAudit(entries) {
      if (entries.length > 0) await writer.call("appendAudit", JSON.stringify(entries.map(memberOf)));
    },
    audit: async (request) =>
      parseArray(JSON.parse(await reader.call("audit", JSON.stringify(request)))).map(auditEntryOf),
    pruneAudit: async (rule) => Number(await writer.call("pruneAudit", JSON.stringify(rule))),
  };
}
