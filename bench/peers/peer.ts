// What other programs over the same database are measured by. Each call works in a schema of its own, on the same durable
// server, with a pool as large as Pawl's, and answers one figure.

export interface Peer {
  readonly name: string;
  /** Jobs a second, one a call, `inFlight` calls at once. */
  submitEach(jobs: number, inFlight: number): Promise<number>;
  /** Jobs a second, `size` a call, one call after the other. */
  submitTogether(jobs: number, size: number): Promise<number>;
  /** The ways in which it works through jobs that do nothing. */
  readonly drains: readonly Drain[];
  /** What of it starts a job soonest. */
  readonly startName: string;
  /** Submit to the handler's start, one job at a time, in ms. */
  startMs(times: number): Promise<readonly number[]>;
}

export interface Drain {
  readonly name: string;
  /** Jobs a second, from the first handler's start until the database shows all as done. */
  drain(jobs: number): Promise<number>;
}

/** As many as Pawl uses. */
export const POOL_SIZE = 10;
