// What the simulation takes from measurements, and what it takes from the program's own constants.

/** A cost that grows with what a statement is about, in ms. */
export interface Cost {
  readonly fixed: number;
  readonly each: number;
}

export interface Calibration {
  /** CPU time of the server, in ms; `each`: a job. */
  readonly insert: Cost;
  readonly claim: Cost;
  readonly settle: Cost;
  readonly emptyClaimMs: number;
  /** The sweep; `each`: a worker that lives. */
  readonly look: Cost;
  readonly renewMs: number;
  readonly reapMs: number;
  /** What wakes one listener for a notice. */
  readonly noticePerListenerMs: number;
  /** What a commit waits for besides, and the way there and back. */
  readonly commitMs: number;
  /** What a worker's process needs for a job that does nothing, in ms of its only thread. */
  readonly processPerJobMs: number;
}

/**
 * PostgreSQL 18 on 2 x Intel Xeon, as `node bench/sharding/calibrate.ts` printed it; the last one is a 16,000th of a second for
 * each of the 16,000 jobs that one process with 500 slots drained in one (W2).
 */
export const CALIBRATION: Calibration = {
  insert: { fixed: 0.27, each: 0.017 },
  claim: { fixed: 0.49, each: 0.024 },
  settle: { fixed: 0.39, each: 0.027 },
  emptyClaimMs: 0.17,
  look: { fixed: 0.063, each: 0.0007 },
  renewMs: 0.145,
  reapMs: 0.11,
  noticePerListenerMs: 0.0157,
  commitMs: 0.39,
  processPerJobMs: 0.035,
};

/** The program's constants: see the files. */
export const PROGRAM = {
  /** claim-loop.ts */
  claimLimit: 200,
  pollMs: 5_000,
  /** batcher.ts */
  settleLanes: 2,
  settleLimit: 1_000,
  /** heartbeat.ts and lease-thread.ts: a third of the lease */
  leaseMs: 15_000,
  renewEveryMs: 5_000,
  /** sweeper.ts: each process, and a large fleet as a whole */
  sweepEveryMs: 1_000,
  fleetLooksEveryMs: 20,
  missingMs: 2_000,
  reapEveryMs: 5_000,
  /** announcer.ts and listener.ts */
  sendEveryMs: 10,
  greetEveryMs: 5_000,
  /** shared-notifier.ts: because others say that there is work */
  heedEveryMs: 20,
} as const;
