// Which tokens are valid now: each is read once a second at most, however many requests show it.
// Invariant: whoever cannot be looked up is not let in, and what this process revokes has ended for it at once.
import type { Caller } from "../domain/access.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { TokenStore } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";
import { createFreshReads, type Ending } from "./fresh-reads.ts";

/** A token that was valid when it was read. */
export interface ValidToken extends Ending {
  readonly id: string;
  readonly caller: Caller;
  readonly digest: string;
  /** Epoch ms; `null`: when it is revoked. */
  readonly expiresAt: number | null;
}

export interface ValidTokens {
  /** `null`: there is none, or it has ended. */
  find(id: string): Promise<ValidToken | null>;
  /** Notes that it was used: soon, and once a minute at most. */
  touch(id: string): void;
  /** It was changed here: the next `find` reads it anew. */
  forget(id: string): void;
}

export interface ValidTokensServices {
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a token may go on here after it was revoked elsewhere. */
export const KEEP_MS = 1_000;
/** Ids that are remembered, unknown ones included: guessing one again and again is no load for the store. */
export const REMEMBERED = 10_000;

export function createValidTokens({ store, clock, logger }: ValidTokensServices): ValidTokens {
  const reads = createFreshReads<ValidToken>({
    clock,
    async read(id) {
      const askedAt = clock.monotonic();
      const token = await store.findToken(id);
      if (!token || token.validForMs === 0) return null;
      const { name, scope, digest, expiresAt, validForMs } = token;
      const endsAt = validForMs === null ? Number.POSITIVE_INFINITY : askedAt + validForMs;
      return { id, caller: { name, scope, tokenId: id }, digest, expiresAt, endsAt };
    },
    keepMs: KEEP_MS,
    limit: REMEMBERED,
  });
  return { find: reads.get, touch: createTouch({ store, clock, logger }), forget: reads.forget };
}

const TOUCH_EVERY_MS = 60_000;
const TOUCH_LIMIT = 1_000;

function createTouch({ store, clock, logger }: ValidTokensServices): (id: string) => void {
  // In the order in which they were touched. What is forgotten here is written once more than it had to be.
  const touchedAt = new Map<string, number>();
  const write = createBatcher<string, void>({
    async flush(ids) {
      await store.touchTokens(ids);
      return ids.map(() => undefined);
    },
    limit: TOUCH_LIMIT,
  });
  return (id) => {
    const now = clock.monotonic();
    if (now < (touchedAt.get(id) ?? Number.NEGATIVE_INFINITY) + TOUCH_EVERY_MS) return;
    touchedAt.delete(id);
    touchedAt.set(id, now);
    const [oldest] = touchedAt.keys();
    if (touchedAt.size > REMEMBERED && oldest !== undefined) touchedAt.delete(oldest);
    write(id).catch((error) => logger.warn({ err: error, token: id }, "The use of a token could not be noted."));
  };
}
