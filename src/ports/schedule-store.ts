// Schedules and their firings. A firing is unique by (schedule, fireAt), whoever fires and however often.
import type { FiringOutcome, ScheduleRecord } from "../domain/schedule.ts";
import type { InsertResult, NewJob } from "./job-store.ts";

/** A firing, worked out from the schedule as of `revision`. */
export interface Firing {
  readonly name: string;
  readonly revision: number;
  /** The schedule's `nextAt`, or with `missed: "one"` the last firing that was missed. */
  readonly fireAt: number;
  /** When it fires next after this. */
  readonly nextAt: number | null;
  /** `null`: it cannot be submitted (`message` says why): recorded as `refused`. Its `dedupe` does not count. */
  readonly job: NewJob | null;
  readonly message: string | null;
}

export type FireResult =
  /** Recorded, and the schedule moved on to `nextAt`. `jobId` where the outcome is `fired`. */
  | { readonly kind: "recorded"; readonly outcome: FiringOutcome; readonly jobId: string | null }
  /** Nothing was written: the job could not be inserted now. With `queue_full`, or a taken key or group, try again later. */
  | { readonly kind: "not_now"; readonly result: InsertResult }
  /**
   * Nothing was recorded: the schedule was edited, paused or deleted, or this firing was recorded before. A schedule that
   * is due for a firing that was recorded before (a clock was set back) moves on to `nextAt`.
   */
  | { readonly kind: "stale" };

export type ScheduleWrite = Omit<ScheduleRecord, "last" | "lastJobId" | "createdAt" | "updatedAt" | "revision">;

export interface ScheduleStore {
  /** All, by name. */
  schedules(): Promise<readonly ScheduleRecord[]>;
  createSchedule(schedule: ScheduleWrite): Promise<"created" | "name_taken">;
  /** Writes a schedule over the one that has this revision. */
  editSchedule(schedule: ScheduleWrite, expectedRevision: number): Promise<"edited" | "stale">;
  /** `false`: there is none. Its jobs stay. */
  removeSchedule(name: string): Promise<boolean>;
  /**
   * Records a firing and inserts its job in one transaction, when the schedule has this revision, is not paused, and its
   * `nextAt` is not after `fireAt`. With `overlap: "skip"` it is recorded as `skipped` while the last job that the schedule
   * fired is unfinished. Each schedule's newest 100 firings are remembered.
   */
  fire(firing: Firing): Promise<FireResult>;
}
