// How many more jobs a queue may hold. Counting for every submit would cost more than the submit: far from the limit a
// count of a moment ago is enough, near it the queue is locked and counted.
import type { Clock } from "../../ports/clock.ts";
import type { NewJob } from "../../ports/store.ts";
import { integerOf } from "../sql/rows.ts";
import type { Database, Session, Transaction } from "./database.ts";
import * as sql from "./queries/insertions.ts";

/** How long a count is used. What other processes submit in that time is not seen. */
const COUNT_AGE_MS = 1_000;
/**
 * With less than this part of the limit left, or room for so many jobs, the queue is counted for each submit: a fleet submits
 * no more while a count is used.
 */
const NEAR = 0.1;
const NEAR_JOBS = 10_000;
/** Queues that are remembered. */
const QUEUES_MAX = 10_000;

interface Need {
  readonly jobs: number;
  /** The lowest that any member brought. */
  readonly limit: number;
}

export interface QueueRooms {
  /** Whether all of these fit for certain. Counts them as inserted, if so. */
  surelyFit(jobs: readonly NewJob[]): Promise<boolean>;
}

export function needsOf(jobs: readonly NewJob[]): ReadonlyMap<string, Need> {
  const needs = new Map<string, Need>();
  for (const { queue, queueLimit } of jobs) {
    const { jobs: before, limit } = needs.get(queue) ?? { jobs: 0, limit: queueLimit };
    needs.set(queue, { jobs: before + 1, limit: Math.min(limit, queueLimit) });
  }
  return needs;
}

export const waitingIn = async (session: Session, queue: string): Promise<number> =>
  integerOf((await session.run(sql.waitingIn, queue))[0], "waiting");

/** Keeps others from filling these queues until the transaction ends. In the order of their names, so that nobody waits in a circle. */
export async function lockQueues(transaction: Transaction, queues: Iterable<string>): Promise<void> {
  for (const queue of [...queues].sort()) await transaction.run(sql.lockQueue, queue);
}

export function createQueueRooms(database: Database, clock: Clock): QueueRooms {
  const known = new Map<string, { readonly at: number; waiting: number }>();

  async function countOf(queue: string) {
    const entry = known.get(queue);
    const at = clock.monotonic();
    if (entry && at - entry.at < COUNT_AGE_MS) return entry;
    if (known.size >= QUEUES_MAX) known.clear();
    const counted = { at, waiting: await waitingIn(database, queue) };
    known.set(queue, counted);
    return counted;
  }

  return {
    async surelyFit(jobs) {
      const needs = [...needsOf(jobs)];
      const counts = await Promise.all(needs.map(async ([queue, need]) => ({ need, count: await countOf(queue) })));
      if (
        counts.some(
          ({ need, count }) => count.waiting + need.jobs > need.limit - Math.max(NEAR_JOBS, need.limit * NEAR),
        )
      )
        return false;
      for (const { need, count } of counts) count.waiting += need.jobs;
      return true;
    },
  };
}
