// Tokens, sessions and the audit. Only digests of secrets ever come here. As everywhere, durations travel and not times:
// whether a token has ended is the store's clock's to say.
import type { AuditEntry, AuditFilter, Scope } from "../domain/access.ts";

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  /** SHA-256 of the secret, lower-case hex. */
  readonly digest: string;
  /** Epoch ms, like all `...At` here. */
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
  readonly lastUsedAt: number | null;
  /** How long it is still valid, in ms: 0 when it expired or was revoked, `null` when it ends by being revoked only. */
  readonly validForMs: number | null;
}

export interface TokenStore {
  /** `name_taken`: a valid token has that name. Of tokens that have ended the newest 1,000 are kept. */
  insertToken(
    token: Pick<TokenRecord, "id" | "name" | "scope" | "digest" | "createdBy"> & {
      readonly expiresInMs: number | null;
    },
  ): Promise<{ readonly kind: "inserted"; readonly token: TokenRecord } | { readonly kind: "name_taken" }>;
  /** Valid ones, and the newest of those that have ended; newest first. */
  tokens(): Promise<readonly TokenRecord[]>;
  findToken(id: string): Promise<TokenRecord | null>;
  /** Ends a token, and with it its sessions. Revoking again keeps who did it first. `null`: no such token. */
  revokeToken(id: string, by: string): Promise<TokenRecord | null>;
  /** Notes that these were used now. */
  touchTokens(ids: readonly string[]): Promise<void>;
  /** Whether a token was ever made, ended ones included. */
  hasTokens(): Promise<boolean>;
}

export interface SessionRecord {
  readonly tokenId: string;
  readonly expiresAt: number;
  /** In ms, above 0. */
  readonly validForMs: number;
}

export interface SessionStore {
  /**
   * `digest` is the SHA-256 of the session's secret. Deletes sessions that have ended on the way, and keeps 1,000 of the
   * token: of more, those go that end first.
   */
  insertSession(session: {
    readonly digest: string;
    readonly tokenId: string;
    readonly keepMs: number;
  }): Promise<SessionRecord>;
  /** `null` when there is none or it has ended. Whether its token is still valid is for the caller to look up. */
  findSession(digest: string): Promise<SessionRecord | null>;
  removeSession(digest: string): Promise<void>;
}

export type AuditWrite = Omit<AuditEntry, "seq" | "at">;

export interface AuditStore {
  /** All or none. */
  appendAudit(entries: readonly AuditWrite[]): Promise<void>;
  /** Newest first: entries with `seq < before`, at most `limit`. */
  audit(request: {
    readonly filter: AuditFilter;
    readonly before: number | null;
    readonly limit: number;
  }): Promise<readonly AuditEntry[]>;
  /** Deletes the oldest entries: those older than `maxAgeMs`, and those beyond the newest `maxCount`; `limit` at most. Answers how many. */
  pruneAudit(rule: {
    readonly maxAgeMs: number | null;
    readonly maxCount: number | null;
    readonly limit: number;
  }): Promise<number>;
}
