// A schedule: which job to submit when, again and again.
import type { Json } from "./job.ts";

/** What happens when a firing is due while the schedule's last job is unfinished: left out, or run after it. */
export const OVERLAP_POLICIES = ["skip", "queue"] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** Which of the firings that were missed while nothing ran are made up for: the last one, or each. */
export const MISSED_POLICIES = ["one", "all"] as const;
export type MissedPolicy = (typeof MISSED_POLICIES)[number];

/** What became of a firing. `skipped`: the last job was unfinished. `refused`: the job could not be submitted. */
export type FiringOutcome = "fired" | "skipped" | "refused";

/** Times are epoch milliseconds. */
export interface ScheduleRecord {
  readonly name: string;
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly type: string;
  readonly input: Json;
  readonly queue: string | null;
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly overlap: OverlapPolicy;
  readonly missed: MissedPolicy;
  readonly paused: boolean;
  /** The next firing, `null` when there is none any more. */
  readonly nextAt: number | null;
  readonly last: {
    readonly fireAt: number;
    readonly at: number;
    readonly outcome: FiringOutcome;
    readonly jobId: string | null;
    /** Why it was refused. */
    readonly message: string | null;
  } | null;
  /** The last job that it fired, however many firings without one came after it. */
  readonly lastJobId: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** +1 at every edit: a firing that was worked out before an edit does not count after it. */
  readonly revision: number;
}

/** A schedule as callers see it. Times are ISO 8601 in UTC. */
export interface Schedule
  extends Omit<ScheduleRecord, "nextAt" | "last" | "lastJobId" | "createdAt" | "updatedAt" | "revision"> {
  readonly nextAt: string | null;
  /** The next five firings, as the present clock and time zone data tell them. Empty while paused. */
  readonly upcoming: readonly string[];
  readonly last: {
    readonly fireAt: string;
    readonly at: string;
    readonly outcome: FiringOutcome;
    readonly jobId: string | null;
    readonly message: string | null;
  } | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A schedule to make. Everything but `name`, `cron`, `type` and `input` may be left out. */
export interface NewSchedule {
  readonly name: string;
  readonly cron: string;
  /** Default `UTC`. */
  readonly timeZone?: string;
  readonly type: string;
  readonly input: unknown;
  /** Default: the type's. */
  readonly queue?: string;
  readonly priority?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Default `skip`. */
  readonly overlap?: OverlapPolicy;
  /** Default `one`. */
  readonly missed?: MissedPolicy;
  /** Default `false`. */
  readonly paused?: boolean;
}

/** What to change; what is left out stays. */
export type ScheduleEdit = Partial<Omit<NewSchedule, "name" | "queue">> & {
  /** `null`: the type's. */
  readonly queue?: string | null;
};
