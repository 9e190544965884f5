// What time it is by the database's clock, which all stored times come from: a machine's own clock may be wrong.
// Invariant: never behind, as far as the last measurement tells. Whoever looks too early looks again.
import type { Clock } from "../../ports/clock.ts";
import type { Session } from "./database.ts";
import { time } from "./queries/notices.ts";

export interface DatabaseTime {
  /** Epoch ms. */
  now(): number;
  measure(session: Session): Promise<void>;
}

/** Answers the machine's time until it was measured. */
export function createDatabaseTime(clock: Clock): DatabaseTime {
  let aheadMs = clock.now() - clock.monotonic();
  return {
    now: () => Math.round(clock.monotonic() + aheadMs),
    async measure(session) {
      const sentAt = clock.monotonic();
      const [row] = await session.run(time);
      aheadMs = Number(row?.now) - sentAt;
    },
  };
}
