// Figures about all jobs, answered from counts that are kept with every change: nothing here reads every job.
import type { State } from "../domain/lifecycle.ts";

export interface JobCount {
  readonly state: State;
  readonly type: string;
  readonly queue: string;
  readonly jobs: number;
}

/** What happened in one minute. */
export interface MinuteFigures {
  /** Its beginning, epoch ms. */
  readonly at: number;
  readonly submitted: number;
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly rolledBack: number;
  readonly rollbackFailed: number;
}

export interface WaitingJob {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  /** Since when it could have been claimed, epoch ms. */
  readonly availableAt: number;
}

export interface StatsStore {
  /** Per state, type and queue, those that are not 0. */
  counts(): Promise<readonly JobCount[]>;
  /** The last `minutes` (at most 1,440), oldest first, the present one last; minutes without events are left out. */
  throughput(options: { readonly minutes: number }): Promise<readonly MinuteFigures[]>;
  /** The job that has been claimable for the longest time, those of paused queues left out; `null` when none waits. */
  oldestWaiting(): Promise<WaitingJob | null>;
}
