// Saves an attempt's position. A checkpoint is the one place where an attempt can be stopped, and what it says is durable
// before anyone relies on it: files first, then the cursor that speaks of them.
import type { Json } from "../domain/job.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { CheckpointWrite } from "../ports/store.ts";
import type { AttemptArtifacts } from "./artifacts.ts";
import type { Attempt } from "./attempt.ts";
import { persist } from "./persist.ts";
import { placeAsJson } from "./position.ts";
import type { AttemptProgress } from "./progress-reporter.ts";

export interface Checkpoints {
  /** Commits the position. Throws `Interruption` when the lease is lost. */
  save(): Promise<void>;
  /**
   * To be called where the attempt may stop: throws the interruption that waits, commits when a commit is due,
   * and lets the event loop turn now and then. Answers `undefined` at once when there is nothing to do.
   */
  pass(): Promise<void> | undefined;
  /** What the settlement has to commit: the position, if no checkpoint holds it yet. */
  last(): Promise<{ readonly seq: number; readonly cursor: Json } | undefined>;
}

/** Loops commit at most this often, besides at every interruption: at 100 ms a kill repeats at most that much work. */
const SAVE_EVERY_MS = 100;
/** A loop whose items never wait for anything would keep the event loop for itself: let it turn this often. */
const YIELD_EVERY_MS = 5;

export interface CheckpointsOptions {
  readonly attempt: Attempt;
  readonly progress: AttemptProgress;
  readonly artifacts: () => AttemptArtifacts | null;
  readonly write: (checkpoint: CheckpointWrite) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createCheckpoints({
  attempt,
  progress,
  artifacts,
  write,
  clock,
  logger,
}: CheckpointsOptions): Checkpoints {
  const { position } = attempt;
  // The first commit comes with the first thing to commit: it shows that this attempt got on, so that a machine which
  // dies often is not taken for a job that kills it.
  let savedAt = Number.NEGATIVE_INFINITY;
  let yieldedAt = clock.monotonic();

  const build = async () => {
    const cursor = placeAsJson(position.place);
    // Before the wait: what changes while the files are synced is for the next checkpoint.
    position.markSaved();
    await artifacts()?.sync();
    return { seq: position.nextSeq(), cursor };
  };

  const saveNow = async () => {
    try {
      const checkpoint = { ...attempt.lease, ...(await build()), progress: progress.take() };
      const held = await persist(() => write(checkpoint), { clock, logger, goOn: () => attempt.interruption === null });
      if (!held) attempt.interrupt("lease_lost");
    } catch (error) {
      position.markUnsaved();
      // The settlement tries again: an attempt that is to stop anyway does not fail because the store is full.
      attempt.throwIfInterrupted();
      throw error;
    }
    if (attempt.interruption?.cause === "lease_lost") throw attempt.interruption;
    attempt.markProgress();
    savedAt = clock.monotonic();
    yieldedAt = savedAt;
  };

  /** One after the other, so that a later checkpoint never overtakes an earlier one. */
  let saving: Promise<unknown> = Promise.resolve();
  const save = () => {
    const saved = saving.then(saveNow);
    saving = saved.catch(() => {});
    return saved;
  };

  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  return {
    save,
    pass() {
      attempt.throwIfInterrupted();
      const now = clock.monotonic();
      if (position.dirty && now - savedAt >= SAVE_EVERY_MS) return save();
      if (now - yieldedAt < YIELD_EVERY_MS) return undefined;
      yieldedAt = now;
      return turn().then(() => attempt.throwIfInterrupted());
    },
    last: async () => (position.dirty ? build() : undefined),
  };
}
