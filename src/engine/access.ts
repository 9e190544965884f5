// Who calls: tokens and the sessions that they open. What a caller shows is a secret, and is compared by its digest.
// Invariants: what is malformed never reaches the store; a store that does not answer lets nobody in.
import type { Caller } from "../domain/access.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Store } from "../ports/store.ts";
import { createAuditLog } from "./audit-log.ts";
import { createFreshReads } from "./fresh-reads.ts";
import type { Access } from "./manager.ts";
import { createSessions } from "./sessions.ts";
import { readToken, sameDigest, secretDigest } from "./token-text.ts";
import { createTokenWatch } from "./token-watch.ts";
import { createTokens, type Tokens } from "./tokens.ts";
import { createValidTokens, KEEP_MS, type ValidToken } from "./valid-tokens.ts";

export interface AccessServices {
  readonly store: Pick<Store, "tokens" | "sessions" | "audit">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createAccess({ store, clock, logger }: AccessServices): Access {
  const tokens = createTokens(store.tokens);
  const valid = createValidTokens({ store: store.tokens, clock, logger });
  const everMade = createEverMade(tokens, clock);
  const isValid = async (tokenId: string) => (await valid.find(tokenId)) !== null;
  const { watch, end } = createTokenWatch({ clock, isValid });

  const prove = async (text: string): Promise<ValidToken | null> => {
    const shown = readToken(text);
    if (!shown) return null;
    const token = await valid.find(shown.id);
    if (!token || !sameDigest(token.digest, secretDigest(shown.secret))) return null;
    valid.touch(token.id);
    return token;
  };

  return {
    ...createSessions({ store: store.sessions, clock, prove, valid }),
    ...createAuditLog(store.audit),
    tokens: tokens.tokens,
    hasTokens: everMade.hasTokens,
    async createToken(token, options) {
      const issued = await tokens.createToken(token, options);
      everMade.note();
      return issued;
    },
    async revokeToken(id, options) {
      const token = await tokens.revokeToken(id, options);
      valid.forget(id);
      end(id);
      return token;
    },
    identify: async (text): Promise<Caller | null> => (await prove(text))?.caller ?? null,
    watch,
  };
}

/** Once a token was made, that stays so: after that nothing is read any more. */
function createEverMade(tokens: Tokens, clock: Clock) {
  const EVER = { endsAt: Number.POSITIVE_INFINITY };
  let made = false;
  const reads = createFreshReads({
    clock,
    async read() {
      made ||= await tokens.hasTokens();
      return made ? EVER : null;
    },
    keepMs: KEEP_MS,
    limit: 1,
  });
  return {
    hasTokens: async (): Promise<boolean> => made || (await reads.get("")) !== null,
    note() {
      made = true;
    },
  };
}
