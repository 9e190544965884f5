// Sessions: what a browser shows instead of its token. A session ends after half a day, when it is signed out, and with its
// token, whichever comes first.
import type { Clock } from "../ports/clock.ts";
import type { SessionRecord, SessionStore } from "../ports/store.ts";
import { createFreshReads, type Ending } from "./fresh-reads.ts";
import type { Access, SessionCaller } from "./manager.ts";
import { isSecret, newSecret, secretDigest } from "./token-text.ts";
import { KEEP_MS, REMEMBERED, type ValidToken, type ValidTokens } from "./valid-tokens.ts";

export interface SessionServices {
  readonly store: SessionStore;
  readonly clock: Clock;
  /** Whose token this text is. */
  readonly prove: (text: string) => Promise<ValidToken | null>;
  readonly valid: ValidTokens;
}

type LiveSession = SessionRecord & Ending;

const SESSION_MS = 12 * 3_600_000;

export function createSessions(services: SessionServices): Pick<Access, "signIn" | "resumeSession" | "signOut"> {
  const { store, clock, prove, valid } = services;
  const live = createFreshReads<LiveSession>({
    clock,
    async read(digest) {
      const askedAt = clock.monotonic();
      const session = await store.findSession(digest);
      return session && { ...session, endsAt: askedAt + session.validForMs };
    },
    keepMs: KEEP_MS,
    limit: REMEMBERED,
  });
  return {
    async signIn(text) {
      const token = await prove(text);
      if (!token) return null;
      const keepMs = Math.min(SESSION_MS, Math.floor(token.endsAt - clock.monotonic()));
      if (keepMs < 1) return null;
      const session = newSecret();
      const record = await store.insertSession({ digest: secretDigest(session), tokenId: token.id, keepMs });
      return { ...callerOf(record, token), session };
    },
    async resumeSession(session) {
      if (!isSecret(session)) return null;
      const record = await live.get(secretDigest(session));
      const token = record && (await valid.find(record.tokenId));
      if (!token) return null;
      valid.touch(token.id);
      return callerOf(record, token);
    },
    async signOut(session) {
      if (!isSecret(session)) return;
      const digest = secretDigest(session);
      await store.removeSession(digest);
      live.forget(digest);
    },
  };
}

function callerOf(session: SessionRecord, { caller, expiresAt }: ValidToken): SessionCaller {
  const endsAt = Math.min(session.expiresAt, expiresAt ?? Number.POSITIVE_INFINITY);
  return { caller, expiresAt: new Date(endsAt).toISOString() };
}
