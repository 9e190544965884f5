// A queue as operators set it, and what a job type or a key of its input may use at once.

/** At most `max` starts in any `perMs` milliseconds. */
export interface RateLimit {
  readonly max: number;
  readonly perMs: number;
}

/** A queue's settings. Limits count whatever holds a lease, in all processes. Times are epoch milliseconds. */
export interface QueueRecord {
  readonly name: string;
  /** No job of a paused queue is claimed; what runs goes on. */
  readonly paused: { readonly at: number; readonly actor: string; readonly reason: string | null } | null;
  /** Jobs that may hold a lease at once; `null`: any number. */
  readonly concurrency: number | null;
  readonly rateLimit: RateLimit | null;
}

/** A queue as callers see it. Times are ISO 8601 in UTC. */
export interface Queue {
  readonly name: string;
  readonly paused: { readonly at: string; readonly actor: string; readonly reason: string | null } | null;
  readonly concurrency: number | null;
  readonly rateLimit: RateLimit | null;
  /** Jobs that wait: `queued`. */
  readonly waiting: number;
  /** Jobs that hold a lease. */
  readonly running: number;
  /** Jobs that are `paused`. */
  readonly pausedJobs: number;
}

export interface QueueEdit {
  readonly concurrency?: number | null;
  readonly rateLimit?: RateLimit | null;
}
