// Inserts jobs into queues that may be full: counted, and with the queues locked until the transaction ends counted exactly.
import type { NewJob } from "../../ports/store.ts";
import type { Session, Transaction } from "./database.ts";
import { alreadyInserted, insertJobs } from "./insertions.ts";
import { type Outcome, QUEUE_FULL } from "./members.ts";
import { lockQueues, needsOf, waitingIn } from "./queue-room.ts";

/** Inserts what fits, the first first. A member that is refused for its key or group takes no room. */
export async function insertFitting(transaction: Transaction, jobs: readonly NewJob[]): Promise<readonly Outcome[]> {
  await lockQueues(transaction, needsOf(jobs).keys());
  return insertCounted(transaction, jobs);
}

/** As `insertFitting`, without the locks: what others insert at the same time is not counted. */
export async function insertCounted(session: Session, jobs: readonly NewJob[]): Promise<readonly Outcome[]> {
  const room = new Map<string, number>();
  for (const queue of needsOf(jobs).keys()) room.set(queue, await waitingIn(session, queue));
  const outcomes: Outcome[] = [];
  while (outcomes.length < jobs.length) {
    const fitting = fittingPrefix(jobs.slice(outcomes.length), room);
    const next = jobs[outcomes.length];
    if (fitting.length === 0 && next) {
      outcomes.push((await alreadyInserted(session, next)) ?? QUEUE_FULL);
      continue;
    }
    const inserted = await insertJobs(session, fitting);
    for (const [index, outcome] of inserted.entries()) {
      const queue = fitting[index]?.queue ?? "";
      if (outcome.result.kind === "inserted") room.set(queue, (room.get(queue) ?? 0) + 1);
      outcomes.push(outcome);
    }
  }
  return outcomes;
}

/** The members before the first that may not fit; `waiting`: how many each queue holds. */
function fittingPrefix(jobs: readonly NewJob[], waiting: ReadonlyMap<string, number>): readonly NewJob[] {
  const taken = new Map(waiting);
  const end = jobs.findIndex(({ queue, queueLimit }) => {
    const before = taken.get(queue) ?? 0;
    taken.set(queue, before + 1);
    return before >= queueLimit;
  });
  return end === -1 ? jobs : jobs.slice(0, end);
}

/** In a transaction that holds the queue's lock where its limit is to be kept exactly. */
export async function insertOne(session: Session, job: NewJob): Promise<Outcome> {
  if ((await waitingIn(session, job.queue)) >= job.queueLimit) return QUEUE_FULL;
  const [outcome = QUEUE_FULL] = await insertJobs(session, [job]);
  return outcome;
}
