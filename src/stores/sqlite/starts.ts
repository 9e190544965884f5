// The last starts of queues with a rate limit (on the writer's thread): in a table, so that a restart forgets none, and at
// hand for claims. Invariant: a queue never starts more than its limit allows in any window, and setting the machine's
// clock never keeps it waiting for longer than two windows.
import type { DatabaseSync } from "node:sqlite";
import type { RateLimit } from "../../domain/queue.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/starts.ts";
import { integerOf, type Row } from "./rows.ts";

interface Start {
  readonly at: number;
  /** On the clock that nobody sets. */
  readonly monotonicAt: number;
  readonly jobs: number;
}

export interface Starts {
  /** How many more jobs of the queue may start now. */
  room(queue: string, limit: RateLimit, moment: Moment): number;
  /** In how many ms one more may start; for a queue without room. */
  roomInMs(queue: string, limit: RateLimit, moment: Moment): number;
  record(queue: string, jobs: number, moment: Moment): void;
  /** The queue has no limit any more. */
  clear(queue: string): void;
  /** What is at hand may be wrong: the transaction was rolled back. */
  forget(): void;
}

/** How long a start still counts. Both clocks have to agree that it is over, except where wall time was set back. */
function leftMs({ at, monotonicAt }: Start, { perMs }: RateLimit, { now, monotonic }: Moment): number {
  const byWall = now < at ? 0 : at + perMs - now;
  return Math.max(0, monotonicAt + perMs - monotonic, byWall);
}

// Of a start before this process only wall time is known. One in the future was before the clock was set back: it counts
// as one of just now.
function startOf(row: Row, { now, monotonic }: Moment): Start {
  const at = integerOf(row, "at");
  return { at, monotonicAt: monotonic - Math.max(0, now - at), jobs: integerOf(row, "jobs") };
}

export function createStarts(db: DatabaseSync): Starts {
  const load = db.prepare(sql.starts);
  const store = db.prepare(sql.recordStarts);
  const drop = db.prepare(sql.forgetStarts);
  const known = new Map<string, Start[]>();

  function startsOf(queue: string, moment: Moment): Start[] {
    const present = known.get(queue);
    if (present) return present;
    const starts = load.all(queue).map((row) => startOf(row, moment));
    known.set(queue, starts);
    return starts;
  }

  /** Those that count, oldest first. */
  function counting(queue: string, limit: RateLimit, moment: Moment): readonly Start[] {
    const starts = startsOf(queue, moment);
    const over = starts.findIndex((start) => leftMs(start, limit, moment) > 0);
    const gone = starts.splice(0, over === -1 ? starts.length : over).at(-1);
    if (gone) drop.run(queue, gone.at);
    return starts;
  }

  const jobsIn = (starts: readonly Start[]) => starts.reduce((sum, { jobs }) => sum + jobs, 0);

  return {
    room: (queue, limit, moment) => limit.max - jobsIn(counting(queue, limit, moment)),
    roomInMs(queue, limit, moment) {
      const starts = counting(queue, limit, moment);
      let tooMany = jobsIn(starts) + 1 - limit.max;
      for (const start of starts) {
        tooMany -= start.jobs;
        if (tooMany <= 0) return leftMs(start, limit, moment);
      }
      return limit.perMs;
    },
    record(queue, jobs, moment) {
      startsOf(queue, moment).push({ at: moment.now, monotonicAt: moment.monotonic, jobs });
      store.run(queue, moment.now, jobs);
    },
    clear(queue) {
      known.delete(queue);
      drop.run(queue, Number.MAX_SAFE_INTEGER);
    },
    forget: () => known.clear(),
  };
}
