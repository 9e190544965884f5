// Submits: stores new jobs, says what became of each, and that there is work.
// Invariant: what it answers is committed, and a queue never gets more than its limit, as far as one process can tell; near
// the limit, as far as all of them can.
import type { JobStore, NewJob } from "../../ports/store.ts";
import { publishMoved } from "../sql/notifier.ts";
import { createCallerSubmits } from "./caller-submits.ts";
import type { Transaction } from "./database.ts";
import { insertDeduplicated, lockWindows } from "./dedupe.ts";
import { insertFitting, insertOne } from "./fitting.ts";
import { insertJobs } from "./insertions.ts";
import type { Outcome } from "./members.ts";
import { createQueueRooms, lockQueues, needsOf } from "./queue-room.ts";
import type { StoreServices } from "./store-services.ts";
import { createTogether } from "./submits.ts";

export function createInserting(
  services: StoreServices,
): Pick<JobStore, "insert" | "insertTogether" | "inTransaction"> {
  const { database, notifier, clock } = services;
  const rooms = createQueueRooms(database, clock);

  function publish(outcomes: readonly Outcome[]): void {
    publishMoved(
      notifier,
      outcomes.flatMap(({ waiting }) => waiting ?? []),
    );
  }

  async function insertAll(jobs: readonly NewJob[]): Promise<readonly Outcome[]> {
    if (jobs.some(({ dedupe }) => dedupe !== null)) return database.transaction((t) => insertEach(t, jobs));
    if (await rooms.surelyFit(jobs)) return insertJobs(database, jobs);
    return database.transaction((transaction) => insertFitting(transaction, jobs));
  }

  return {
    async insert(jobs) {
      if (jobs.length === 0) return [];
      const outcomes = await insertAll(jobs);
      publish(outcomes);
      return outcomes.map(({ result }) => result);
    },
    insertTogether: createTogether(services, publish),
    inTransaction: createCallerSubmits(services, rooms),
  };
}

/** One after the other, each by what its deduplication says. */
async function insertEach(transaction: Transaction, jobs: readonly NewJob[]): Promise<readonly Outcome[]> {
  // A window may be locked for as long as somebody keeps a transaction open: nobody's queue is kept waiting for that.
  await lockWindows(transaction, jobs);
  await lockQueues(transaction, needsOf(jobs).keys());
  const outcomes: Outcome[] = [];
  for (const job of jobs) {
    const { dedupe } = job;
    outcomes.push(dedupe ? await insertDeduplicated(transaction, job, dedupe) : await insertOne(transaction, job));
  }
  return outcomes;
}
