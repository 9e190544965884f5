// A database of the job author's own, in which Pawl keeps the job's cursor beside the author's rows, so that both change
// in one transaction: exactly once, whatever dies when. One row per (job, run) holds token, seq and cursor.
import type { Json } from "../domain/job.ts";
import type { Phase } from "../domain/lifecycle.ts";

/** Who writes: an attempt is known by its token. */
export interface Fence {
  readonly jobId: string;
  readonly run: number;
  readonly phase: Phase;
  readonly token: number;
}

/** Where the target stands: what was committed last. */
export interface TargetPosition {
  readonly seq: number;
  readonly cursor: Json;
}

/** One commit: from where the attempt believes the target to be, to where it is then. */
export interface EffectsStep {
  readonly expectedSeq: number;
  readonly next: TargetPosition;
}

/**
 * A target of effects; `Tx` is what the author's code gets inside the transaction.
 * Both methods reject with `FenceLost` when another attempt has written its token since: then nothing was changed.
 */
export interface EffectsTarget<Tx> {
  /** The first use in an attempt: writes the token, and answers the position. A new phase starts with cursor `null`. */
  enter(fence: Fence): Promise<TargetPosition>;
  /**
   * Runs `work` and moves the position to `next` in one transaction, which first checks token and `expectedSeq`.
   * What `work` throws rolls all of it back. A promise that it returns is awaited before the transaction ends, or
   * refused where the driver is synchronous.
   */
  commit<R>(fence: Fence, step: EffectsStep, work: (tx: Tx) => R): Promise<Awaited<R>>;
}

/** Another attempt owns the position now. The attempt that meets this must end without writing anything. */
export class FenceLost extends Error {
  constructor(fence: Fence) {
    super(`Another attempt of job ${fence.jobId} has taken over since token ${fence.token}.`);
    this.name = "FenceLost";
  }
}
