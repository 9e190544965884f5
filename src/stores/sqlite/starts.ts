// The last starts of queues with a rate limit (on the writer's thread): in a table, so that a restart forgets none, and at
// hand for claims. Invariant: a queue never starts more than its limit allows in any window, and setting the machine's
// clock never keeps it waiting for longer than two windows.
import type { DatabaseSync } from "node:sqlite";
import type { RateLimit } from "../../domain/queue.ts";
import { integerOf, type Row } from "../sql/rows.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/starts.ts";

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

/** What is at hand of a queue, oldest first. */
interface Window {
  readonly starts: Start[];
  /** In all of them. */
  jobs: number;
}

export function createStarts(db: DatabaseSync): Starts {
  const load = db.prepare(sql.starts);
  const store = db.prepare(sql.recordStarts);
  const drop = db.prepare(sql.forgetStart);
  const dropAll = db.prepare(sql.forgetStarts);
  const windows = new Map<string, Window>();

  function windowOf(queue: string, moment: Moment): Window {
    const known = windows.get(queue);
    if (known) return known;
    const starts = load.all(queue).map((row) => startOf(row, moment));
    const window = { starts, jobs: starts.reduce((sum, { jobs }) => sum + jobs, 0) };
    windows.set(queue, window);
    return window;
  }

  /** The window without what does not count any more. */
  function counting(queue: string, limit: RateLimit, moment: Moment): Window {
    const window = windowOf(queue, moment);
    const { starts } = window;
    const over = starts.findIndex((start) => leftMs(start, limit, moment) > 0);
    for (const { at, jobs } of starts.splice(0, over === -1 ? starts.length : over)) {
      window.jobs -= jobs;
      drop.run(queue, at);
    }
    return window;
  }

  return {
    room: (queue, limit, moment) => limit.max - counting(queue, limit, moment).jobs,
    roomInMs(queue, limit, moment) {
      const { starts, jobs } = counting(queue, limit, moment);
      let tooMany = jobs + 1 - limit.max;
      for (const start of starts) {
        tooMany -= start.jobs;
        if (tooMany <= 0) return leftMs(start, limit, moment);
      }
      return limit.perMs;
    },
    record(queue, jobs, moment) {
      const window = windowOf(queue, moment);
      window.starts.push({ at: moment.now, monotonicAt: moment.monotonic, jobs });
      window.jobs += jobs;
      store.run(queue, moment.now, jobs);
    },
    clear(queue) {
      windows.delete(queue);
      dropAll.run(queue);
    },
    forget: () => windows.clear(),
  };
}
