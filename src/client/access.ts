// Who may call, and what callers did: the browser's session, tokens, the audit.
import type { AuditEntry, AuditFilter, IssuedToken, NewToken, Token } from "../domain/access.ts";
import { type ResultOf, ROUTES } from "./routes.ts";
import type { ReadOptions, Send } from "./send.ts";

/** Whom the server takes the caller for. */
export type Session = ResultOf<NonNullable<(typeof ROUTES.getSession)["operation"]>>;

export interface AuditRequest extends AuditFilter {
  /** Entries older than this one: `nextBefore` of the page before. */
  readonly before?: number;
  /** 1 to 1,000, default 100. */
  readonly limit?: number;
}

export interface AuditPage {
  /** Newest first. */
  readonly items: readonly AuditEntry[];
  /** `null` at the end. */
  readonly nextBefore: number | null;
}

/** Who calls. All but the session needs the scope `admin`, and rejects with `forbidden` without it. */
export interface ClientAccess {
  /** Who am I, and what may I do? Rejects with `unauthenticated` where a credential is needed and none was shown. */
  session(options?: ReadOptions): Promise<Session>;
  /**
   * Gives the browser a cookie that stands for the token, and that no script can read. Rejects with `unauthenticated`.
   *
   * @example
   * const client = createClient({ url: location.origin });
   * const { name, scope } = await client.access.signIn("pawl_5f2c9a01b7d4_...");
   */
  signIn(token: string): Promise<Session>;
  /** Ends the browser's session. Without one nothing happens. */
  signOut(): Promise<void>;
  /** Also those that are revoked or expired, newest first. */
  tokens(options?: ReadOptions): Promise<readonly Token[]>;
  /** The answer is the only place where the secret ever stands. Rejects with `name_taken` or `invalid_request`. */
  createToken(token: NewToken): Promise<IssuedToken>;
  /** Ends it, with its sessions and live streams. Rejects with `not_found`. */
  revokeToken(id: string): Promise<Token>;
  /**
   * What callers did and were refused, a page at a time.
   *
   * @example
   * const refused = await client.access.audit({ outcome: "refused", limit: 20 });
   */
  audit(request?: AuditRequest, options?: ReadOptions): Promise<AuditPage>;
}

export function createAccess(send: Send): ClientAccess {
  return {
    session: async ({ signal } = {}) => (await send(ROUTES.getSession, { signal })).body,
    signIn: async (token) => (await send(ROUTES.startSession, { body: { token } })).body,
    async signOut() {
      await send(ROUTES.endSession, {});
    },
    tokens: async ({ signal } = {}) => (await send(ROUTES.listTokens, { signal })).body.items,
    createToken: async (token) => (await send(ROUTES.createToken, { body: token })).body,
    revokeToken: async (id) => (await send(ROUTES.revokeToken, { params: { id } })).body,
    audit: async (query, { signal } = {}) => (await send(ROUTES.listAudit, { query, signal })).body,
  };
}
