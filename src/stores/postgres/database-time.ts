// What time it is by the database's clock, which all stored times come from: a machine's own clock may be wrong.
// Invariant: the truth lies between `now` and `latest`, to the millisecond, as far as the measurements tell. The closest of
// them count, until one contradicts them: then the clock was set, or runs differently, and that one counts.
import type { Clock } from "../../ports/clock.ts";
import type { Session } from "./database.ts";
import { time } from "./queries/notices.ts";

export interface DatabaseTime {
  /** Epoch ms, never ahead of the database: what is due by it is due. */
  now(): number;
  /** Never behind the database. */
  latest(): number;
  measure(session: Session): Promise<void>;
  /** The database said that it was `now`, in answer to what was asked at `askedAt` on the clock's monotonic time. */
  heard(now: number, askedAt: number): void;
}

/** Knows nothing until it was measured. */
export function createDatabaseTime(clock: Clock): DatabaseTime {
  /** By how much the database's clock is ahead of the monotonic one. */
  let atLeast = Number.NEGATIVE_INFINITY;
  let atMost = Number.POSITIVE_INFINITY;

  function heard(now: number, askedAt: number): void {
    const [low, high] = [now - clock.monotonic(), now - askedAt];
    const agrees = low <= atMost && high >= atLeast;
    atLeast = agrees ? Math.max(atLeast, low) : low;
    atMost = agrees ? Math.min(atMost, high) : high;
  }

  return {
    now: () => Math.floor(clock.monotonic() + atLeast),
    latest: () => Math.ceil(clock.monotonic() + atMost),
    async measure(session) {
      const askedAt = clock.monotonic();
      const [row] = await session.run(time);
      heard(Number(row?.now), askedAt);
    },
    heard,
  };
}
