// Figures about all jobs, as callers see them. Times are ISO 8601 in UTC.
import type { State } from "./lifecycle.ts";

/** What happened in one minute. */
export interface MinuteStats {
  /** Its beginning. */
  readonly at: string;
  readonly submitted: number;
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly rolledBack: number;
  readonly rollbackFailed: number;
}

export interface Stats {
  /** All states, 0 included. */
  readonly states: Readonly<Record<State, number>>;
  /** Jobs by type, and of each by state; 0 is left out. */
  readonly types: readonly { readonly type: string; readonly states: Readonly<Partial<Record<State, number>>> }[];
  readonly queues: readonly { readonly queue: string; readonly states: Readonly<Partial<Record<State, number>>> }[];
  /** The last hour by minutes, oldest first, the present one last; minutes without events are there with zeros. */
  readonly minutes: readonly MinuteStats[];
  /** The job that has been claimable for the longest time. */
  readonly oldestWaiting: {
    readonly id: string;
    readonly type: string;
    readonly queue: string;
    readonly availableAt: string;
    readonly waitingMs: number;
  } | null;
}

/** A worker that is alive. */
export interface WorkerInfo {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly concurrency: number;
  /** The queues that it claims from; `null`: all. */
  readonly queues: readonly string[] | null;
  readonly startedAt: string;
  readonly seenAt: string;
  /** How many jobs it holds. */
  readonly running: number;
  /** Those that it has held the longest, at most 100. */
  readonly jobs: readonly {
    readonly id: string;
    readonly type: string;
    readonly queue: string;
    readonly claimedAt: string;
  }[];
}
