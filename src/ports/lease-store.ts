// Who works, who is dead, and what proves that an attempt may still write.
import type { Action } from "../domain/lifecycle.ts";

/** Names an attempt. All writes of an attempt carry it. */
export interface LeaseRef {
  readonly id: string;
  readonly workerId: string;
  readonly token: number;
}

export interface NewWorker {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Jobs that it runs at once, at most. */
  readonly concurrency: number;
  /** Those that it claims from; `null`: all. */
  readonly queues: readonly string[] | null;
}

/** A worker that is alive. */
export interface WorkerRecord extends NewWorker {
  readonly startedAt: number;
  readonly seenAt: number;
  /** Jobs that it holds, the longest held first: at most 100. */
  readonly jobs: readonly {
    readonly id: string;
    readonly type: string;
    readonly queue: string;
    readonly claimedAt: number;
  }[];
  /** How many it holds in all. */
  readonly running: number;
}

export interface ReapOptions {
  /** The crash without checkpoint progress at which a job fails as `crash_loop`. */
  readonly crashLimit: number;
}

export interface Renewal {
  /** `false`: the lease has expired; abort everything, then take a new id. */
  readonly alive: boolean;
  /** Requests that wait for this worker: every job it holds that is `pausing` or `cancelling`, whether pushed before or not. */
  readonly requests: readonly { readonly jobId: string; readonly token: number; readonly action: Action }[];
}

/** Who works, and who is dead. */
export interface LeaseStore {
  /** How often to call `reap`, in ms: how soon this store can tell that somebody is dead. */
  readonly reapEveryMs: number;
  register(worker: NewWorker): Promise<void>;
  /** Extends the lease by the store's lease time. */
  renew(workerId: string): Promise<Renewal>;
  /** Every job that it holds, whether it knows so or not. */
  held(workerId: string): Promise<readonly LeaseRef[]>;
  /** Ends the lease at a clean stop. Jobs that it still holds are settled as `lost` by the next `reap`. */
  retire(workerId: string): Promise<void>;
  /**
   * Marks workers whose lease has expired dead, and settles the jobs of dead workers as `lost`: any number of times safely.
   * A store with a single owner counts every worker of an earlier process as expired.
   * Answers how many jobs it settled.
   */
  reap(options: ReapOptions): Promise<number>;
  workers(): Promise<readonly WorkerRecord[]>;
}
