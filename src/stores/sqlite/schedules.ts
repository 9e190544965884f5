// Schedules and their firings (on the writer's thread).
// Invariant: a firing is recorded once, in the transaction that inserts its job and moves its schedule on.
import type { DatabaseSync } from "node:sqlite";
import type { FiringOutcome } from "../../domain/schedule.ts";
import type { Firing, ScheduleWrite } from "../../ports/store.ts";
import { type Answer, type BatchNeeds, FIELD, type Inserter, type Member } from "./insertions.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/schedules.ts";
import { records } from "./reads.ts";

/** Firings of each schedule that are remembered. */
const KEPT_FIRINGS = 100;

/** A firing as it crosses the thread. */
export type FiringArguments = Omit<Firing, "job"> & {
  readonly job: { readonly member: Member; readonly needs: BatchNeeds } | null;
};

type Fired =
  | readonly [kind: "recorded", outcome: FiringOutcome, jobId: string | null, availableAt: number | null]
  | readonly [kind: "not_now", answer: Answer]
  | readonly [kind: "stale"];

/** The values of `queries.createSchedule`, from the JSON of a schedule. */
function columnsOf(text: string) {
  const { name, cron, timeZone, type, queue, priority, overlap, missed, nextAt, ...rest }: ScheduleWrite =
    JSON.parse(text);
  const [input, labels] = [JSON.stringify(rest.input), JSON.stringify(rest.labels)];
  const paused = rest.paused ? 1 : 0;
  return { name, cron, timeZone, type, input, queue, priority, labels, overlap, missed, paused, nextAt };
}

export function createSchedules(db: DatabaseSync, inserter: Inserter) {
  const schedules = db.prepare(sql.schedules);
  const create = db.prepare(sql.createSchedule);
  const edit = db.prepare(sql.editSchedule);
  const remove = db.prepare(sql.removeSchedule);
  const removeFirings = db.prepare(sql.removeFirings);
  const fire = createFire(db, inserter);
  return {
    schedules: (): string => records(schedules.all()),
    /** These three answer `1` when they did it. */
    createSchedule: ({ now }: Moment, text: string): string => String(create.run({ ...columnsOf(text), now }).changes),
    editSchedule: ({ now }: Moment, text: string, expectedRevision: number): string =>
      String(edit.run({ ...columnsOf(text), now, expectedRevision }).changes),
    removeSchedule(_: Moment, name: string): string {
      removeFirings.run(name);
      return String(remove.run(name).changes);
    },
    /** Answers a `Fired`. */
    fire: ({ now }: Moment, firingText: string): string => JSON.stringify(fire(JSON.parse(firingText), now)),
  };
}

function createFire(db: DatabaseSync, inserter: Inserter) {
  const due = db.prepare(sql.due);
  const recorded = db.prepare(sql.recorded);
  const recordFiring = db.prepare(sql.recordFiring);
  const moveOn = db.prepare(sql.moveOn);
  const trim = db.prepare(sql.trimFirings);

  function record(firing: FiringArguments, now: number, outcome: FiringOutcome, jobId: string | null): void {
    const { name, fireAt, nextAt, message } = firing;
    recordFiring.run(name, fireAt, now, outcome, jobId, outcome === "refused" ? message : null);
    trim.run(name, KEPT_FIRINGS);
    moveOn.run(name, nextAt, jobId);
  }

  return (firing: FiringArguments, now: number): Fired => {
    const { name, revision, fireAt, nextAt, job } = firing;
    const schedule = due.get(name, revision, fireAt);
    if (schedule === undefined) return ["stale"];
    // The clock was set back, and the schedule edited: it must not be due for ever.
    if (recorded.get(name, fireAt) !== undefined) {
      moveOn.run(name, nextAt, null);
      return ["stale"];
    }
    const without = job === null ? "refused" : schedule.overlaps === 1 ? "skipped" : null;
    if (job === null || without !== null) {
      const outcome = without ?? "refused";
      record(firing, now, outcome, null);
      return ["recorded", outcome, null, null];
    }
    const answer = inserter.insertOne(job.member, job.needs, now);
    if (answer[0] !== "inserted") return ["not_now", answer];
    const jobId = String(job.member[FIELD.id]);
    record(firing, now, "fired", jobId);
    return ["recorded", "fired", jobId, answer[2]];
  };
}
