// Figures about all jobs (on either thread): read from what the writer keeps, never counted.
import type { DatabaseSync } from "node:sqlite";
import type { Moment } from "./protocol.ts";
import { queues as allQueues } from "./queries/queues.ts";
import * as sql from "./queries/stats.ts";
import { records } from "./reads.ts";

const MINUTE_MS = 60_000;

export function createFigures(db: DatabaseSync) {
  const counts = db.prepare(sql.counts);
  const throughput = db.prepare(sql.throughput);
  const queues = db.prepare(allQueues);
  const oldestWaiting = db.prepare(sql.oldestWaiting);
  return {
    /** Answers `[[state, type, queue, jobs], ...]`. */
    counts: (): string => records(counts.all()),
    /** Answers `[[at, submitted, started, ...], ...]`: the present minute, and those before it. */
    throughput: ({ now }: Moment, minutes: number): string =>
      records(throughput.all(Math.floor(now / MINUTE_MS - minutes) * MINUTE_MS, now)),
    /** Answers `[[id, type, queue, availableAt]]`, or an empty array. */
    oldestWaiting: ({ now }: Moment): string => records(oldestWaiting.all(now)),
    queues: (): string => records(queues.all()),
  };
}
