// Finds out which workers are dead: by their lease's time, or sooner, by the session that a process holds as long as it
// lives. Invariant: what an outage looks like is not taken for death: after one, everybody gets a lease's time to come back.
import { PawlError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import { parseArray } from "../sql/rows.ts";
import type { Database } from "./database.ts";
import * as sql from "./queries/workers.ts";

export interface Sweeper {
  /** Marks workers dead. Answers whether it is time to look for jobs of the dead. */
  sweep(): Promise<boolean>;
  /** How long to wait until the next sweep, in ms. */
  everyMs(): number;
}

export interface SweeperOptions {
  readonly database: Database;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

/** A process whose session broke has this long to open another one. */
const MISSING_MS = 2_000;
/** Whose session is gone is looked for more often than whose lease has ended. */
const SOON_MS = 1_000;
/**
 * A large fleet as a whole looks once in this time, whoever of it does. A look costs more the more workers there are, so
 * that otherwise a thousand of them would do little else.
 */
const FLEET_LOOKS_EVERY_MS = 20;

export function createSweeper({ database, leaseMs, clock, logger }: SweeperOptions): Sweeper {
  /** Since when the sessions of workers are missing, by worker and key. */
  let missingSince: ReadonlyMap<string, number> = new Map();
  let serverStarted: number | null = null;
  let breaks = database.breaks;
  let isOut = false;
  let graceUntil = Number.NEGATIVE_INFINITY;
  let fullAt = Number.NEGATIVE_INFINITY;
  /** Workers that were alive at the last look. */
  let workers = 0;

  async function look() {
    try {
      const [row] = await database.run(sql.look);
      return row;
    } catch (error) {
      if (error instanceof PawlError && error.code === "store_unavailable") isOut = true;
      throw error;
    }
  }

  /** Whether everybody is still given time to come back. */
  function isGrace(started: number): boolean {
    // A server that restarts by itself, because one of its processes died, keeps its time of start: it shows by our own
    // connections, which end with everybody's.
    const wasOut = isOut || database.breaks > breaks || (serverStarted !== null && serverStarted !== started);
    isOut = false;
    breaks = database.breaks;
    serverStarted = started;
    if (wasOut) {
      graceUntil = clock.monotonic() + leaseMs;
      logger?.warn({ waitMs: leaseMs }, "The database was away: nobody is taken for dead for the time of a lease.");
    }
    return clock.monotonic() < graceUntil;
  }

  /** Those whose session was missing at the last look, too, and has been for long enough. */
  function goneOf(missing: readonly unknown[]): readonly unknown[] {
    const now = clock.monotonic();
    const since = new Map(missing.map((worker) => [JSON.stringify(worker), now]));
    for (const name of since.keys()) since.set(name, missingSince.get(name) ?? now);
    missingSince = since;
    return missing.filter((worker) => now - (since.get(JSON.stringify(worker)) ?? now) >= MISSING_MS);
  }

  /** The server's restart ended all sessions, whoever lives. */
  function isServerYoung(row: Awaited<ReturnType<typeof look>>): boolean {
    return Number(row?.server_up_ms) < leaseMs;
  }

  return {
    async sweep() {
      const row = await look();
      workers = Number(row?.workers);
      const isFull = clock.monotonic() >= fullAt;
      if (isFull) fullAt = clock.monotonic() + leaseMs / 3;
      if (isGrace(Number(row?.server_started))) {
        missingSince = new Map();
        return isFull || row?.somebody_died === true;
      }
      const missing = isServerYoung(row) ? [] : parseArray(row?.missing);
      const gone = goneOf(missing);
      if (gone.length > 0) {
        await database.run(sql.expireGone, JSON.stringify(gone));
        logger?.warn({ workers: gone.length }, "The sessions of workers are gone: their processes have died.");
      }
      if (row?.somebody_died === true) await database.run(sql.expireWorkers);
      return isFull || gone.length > 0 || row?.somebody_died === true;
    },
    everyMs: () => Math.min(leaseMs / 3, Math.max(SOON_MS, FLEET_LOOKS_EVERY_MS * workers)),
  };
}
