// Schedules and their firings.
// Invariant: a firing is recorded once, in the transaction that inserts its job and moves its schedule on.
import type { FiringOutcome } from "../../domain/schedule.ts";
import type { FireResult, Firing, ScheduleStore, ScheduleWrite } from "../../ports/store.ts";
import { publishMoved } from "../sql/notifier.ts";
import { scheduleRecordOf } from "../sql/schedule-rows.ts";
import type { Transaction } from "./database.ts";
import { insertOne } from "./fitting.ts";
import type { WaitingJob } from "./members.ts";
import * as sql from "./queries/schedules.ts";
import { lockQueues } from "./queue-room.ts";
import type { StoreServices } from "./store-services.ts";

/** Firings of each schedule that are remembered. */
const KEPT_FIRINGS = 100;

/** The values of `queries.createSchedule`. */
function valuesOf(schedule: ScheduleWrite) {
  const { name, cron, timeZone, type, input, queue, priority, labels, overlap, missed, paused, nextAt } = schedule;
  const texts = [name, cron, timeZone, type, JSON.stringify(input), queue] as const;
  return [...texts, priority, JSON.stringify(labels), overlap, missed, paused, nextAt] as const;
}

export function createScheduleStore({ database, notifier, time, clock }: StoreServices): ScheduleStore {
  return {
    async schedules() {
      const askedAt = clock.monotonic();
      const rows = await database.run(sql.schedules);
      // Whoever asks decides by the time what is due.
      for (const { now } of rows.slice(0, 1)) time.heard(Number(now), askedAt);
      return rows.map((row) => scheduleRecordOf(row.schedule));
    },
    async createSchedule(schedule) {
      return (await database.run(sql.createSchedule, ...valuesOf(schedule))).length > 0 ? "created" : "name_taken";
    },
    async editSchedule(schedule, expectedRevision) {
      const rows = await database.run(sql.editSchedule, ...valuesOf(schedule), expectedRevision);
      return rows.length > 0 ? "edited" : "stale";
    },
    removeSchedule: async (name) => (await database.run(sql.removeSchedule, name)).length > 0,
    async fire(firing) {
      const { result, waiting } = await database.transaction((transaction) => fire(transaction, firing));
      if (waiting) publishMoved(notifier, [waiting]);
      return result;
    },
  };
}

interface Fired {
  readonly result: FireResult;
  readonly waiting: WaitingJob | null;
}

const STALE: Fired = { result: { kind: "stale" }, waiting: null };

async function fire(transaction: Transaction, firing: Firing): Promise<Fired> {
  const { name, revision, fireAt, nextAt, job } = firing;
  const [schedule] = await transaction.run(sql.due, name, revision, fireAt);
  if (schedule === undefined) return STALE;
  // The clock was set back, and the schedule edited: it must not be due for ever.
  if ((await transaction.run(sql.recorded, name, fireAt)).length > 0) {
    await transaction.run(sql.moveOn, name, nextAt, null);
    return STALE;
  }
  if (job === null || schedule.overlaps === true) {
    const outcome = job === null ? "refused" : "skipped";
    await record(transaction, firing, outcome, null);
    return { result: { kind: "recorded", outcome, jobId: null }, waiting: null };
  }
  await lockQueues(transaction, [job.queue]);
  const { result, waiting } = await insertOne(transaction, { ...job, dedupe: null });
  if (result.kind !== "inserted") return { result: { kind: "not_now", result }, waiting: null };
  await record(transaction, firing, "fired", job.id);
  return { result: { kind: "recorded", outcome: "fired", jobId: job.id }, waiting };
}

async function record(
  transaction: Transaction,
  { name, fireAt, nextAt, message }: Firing,
  outcome: FiringOutcome,
  jobId: string | null,
): Promise<void> {
  await transaction.run(sql.recordFiring, name, fireAt, outcome, jobId, outcome === "refused" ? message : null);
  await transaction.run(sql.trimFirings, name, KEPT_FIRINGS);
  await transaction.run(sql.moveOn, name, nextAt, jobId);
}
