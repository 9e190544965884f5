// Tokens and sessions. Looking one up is done on the thread that writes: whoever shows what was just made is known.
// Invariant: of two valid tokens none has the other's name.
import type { DatabaseSync } from "node:sqlite";
import { integerOf } from "../sql/rows.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/access.ts";
import { records } from "./reads.ts";

/** Tokens that have ended and are still listed. */
const ENDED_TOKENS = 1_000;
/** Sessions that a token may have beside a new one: of more, those go that end first. */
const OTHER_SESSIONS = 999;
/** Ended sessions that a new one takes along. */
const FORGOTTEN_AT_ONCE = 1_000;

export function createTokenWrites(db: DatabaseSync) {
  const insert = db.prepare(sql.insertToken);
  const trim = db.prepare(sql.trimTokens);
  const find = db.prepare(sql.findToken);
  const has = db.prepare(sql.hasTokens);
  const revoke = db.prepare(sql.revokeToken);
  const removeSessions = db.prepare(sql.removeSessions);
  const touch = db.prepare(sql.touchTokens);
  return {
    /** These three answer `[token]`, or an empty array. */
    insertToken({ now }: Moment, tokenText: string): string {
      trim.run(now, ENDED_TOKENS);
      return records(insert.all({ ...JSON.parse(tokenText), now }));
    },
    findToken: ({ now }: Moment, id: string): string => records(find.all({ id, now })),
    revokeToken({ now }: Moment, id: string, by: string): string {
      revoke.run(now, by, id);
      removeSessions.run(id);
      return records(find.all({ id, now }));
    },
    touchTokens({ now }: Moment, idsText: string): string {
      touch.run(now, idsText);
      return "";
    },
    /** Answers `1` when there are any. */
    hasTokens: (): string => String(integerOf(has.get(), "made")),
  };
}

export function createSessionWrites(db: DatabaseSync) {
  const insert = db.prepare(sql.insertSession);
  const find = db.prepare(sql.findSession);
  const remove = db.prepare(sql.removeSession);
  const trim = db.prepare(sql.trimSessions);
  const forget = db.prepare(sql.forgetSessions);
  return {
    /** These two answer `[session]`, or an empty array. */
    insertSession({ now }: Moment, digest: string, tokenId: string, keepMs: number): string {
      forget.run(now, FORGOTTEN_AT_ONCE);
      trim.run(tokenId, OTHER_SESSIONS);
      insert.run(digest, tokenId, now + keepMs);
      return records(find.all(digest, now));
    },
    findSession: ({ now }: Moment, digest: string): string => records(find.all(digest, now)),
    removeSession(_: Moment, digest: string): string {
      remove.run(digest);
      return "";
    },
  };
}

/** All of them (on either thread). */
export function createTokenReads(db: DatabaseSync) {
  const tokens = db.prepare(sql.tokens);
  return {
    tokens: ({ now }: Moment): string => records(tokens.all({ now })),
  };
}
