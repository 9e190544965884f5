// The attempts that run in this process: starts them, passes requests on to them, and knows when they have ended.
import type { StopCause } from "../domain/interruption.ts";
import type { JobRecord } from "../domain/job.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { AttemptMark, LeaseRef, Renewal } from "../ports/store.ts";
import { type Attempt, createAttempt } from "./attempt.ts";
import type { IsolatedServices } from "./isolated-calls.ts";
import type { Registry } from "./registry.ts";
import { runAttempt } from "./run-attempt.ts";
import { type IsolatedRun, runIsolated } from "./run-isolated.ts";
import { createWatchdog } from "./watchdog.ts";

/** A request for a job that this worker may hold. */
export type HeldRequest = Renewal["requests"][number];

export interface RunningAttempts {
  readonly count: number;
  /** Starts jobs that were just claimed; `interruptedBy` stops them at once. */
  start(jobs: readonly JobRecord[], workerId: string, interruptedBy?: StopCause): void;
  /** Whether the attempt is here, and has not been settled yet. */
  has(lease: LeaseRef): boolean;
  request(request: HeldRequest): void;
  interruptAll(cause: StopCause): void;
  /** Resolves when none runs any more, at the latest after `ms`. */
  emptied(ms: number): Promise<void>;
  /** Kills those that run apart, and resolves when they are settled. */
  killIsolated(): Promise<void>;
  leases(): readonly LeaseRef[];
}

export interface RunningAttemptsOptions {
  readonly registry: Registry;
  readonly run: IsolatedServices;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Marks an attempt that does not stop, or does not get on. */
  readonly mark: (lease: LeaseRef, mark: AttemptMark) => Promise<boolean>;
  /** A slot is free again. */
  readonly onEnd: () => void;
}

/** A terminated attempt that listens to its signal ends well within this time; one that does not is marked abandoned. */
const FORCE_MS = 250;
/** A killed process is gone within milliseconds, unless the machine itself is stuck. */
const KILL_MS = 5_000;

const nameOf = (jobId: string, token: number) => `${jobId} ${token}`;

export function createRunningAttempts(options: RunningAttemptsOptions): RunningAttempts {
  const { registry, clock, logger } = options;
  // By job and token: after a lost lease, an old attempt of a job may still be ending here while a new one runs.
  const running = new Map<string, Attempt>();
  const isolated = new Map<Attempt, IsolatedRun>();
  /** Requests for attempts that are not here: notices may overtake the answer of the claim that brings the job. */
  const early = new Map<string, HeldRequest>();
  let onEmpty = () => {};

  const startOne = (job: JobRecord, workerId: string): Attempt => {
    const attempt = createAttempt({ record: job, type: registry.get(job.type), workerId, clock });
    const name = nameOf(job.id, job.token);
    running.set(name, attempt);
    watchdog.watch(attempt);
    void run(attempt)
      .catch((error) =>
        logger.error(
          { err: error, job: job.id },
          "An attempt's end could not be stored; its job goes on from its last checkpoint.",
        ),
      )
      .finally(() => {
        running.delete(name);
        isolated.delete(attempt);
        watchdog.forget(attempt);
        if (running.size === 0) onEmpty();
        options.onEnd();
      });
    return attempt;
  };

  const run = (attempt: Attempt): Promise<void> => {
    const { isolation } = attempt.type;
    if (!isolation) return runAttempt(attempt, options.run);
    const apart = runIsolated(attempt, isolation, options.run);
    isolated.set(attempt, apart);
    return apart.settled;
  };

  const request = (held: HeldRequest) => {
    const name = nameOf(held.jobId, held.token);
    const attempt = running.get(name);
    if (!attempt) {
      early.set(name, held);
      return;
    }
    const { action } = held;
    // A withdrawn pause needs nothing: the attempt halts, finds itself running, and is queued again at its checkpoint.
    if (action !== "pause" && action !== "cancel" && action !== "terminate") return;
    const before = attempt.interruption?.cause;
    attempt.interrupt(action);
    if (action === "pause" || attempt.interruption?.cause === before) return;
    markAbandonedAfter(attempt, action === "terminate" ? FORCE_MS : attempt.type.cancelGraceMs);
  };

  /** An inline attempt cannot be killed: if it does not stop, it is shown as what it is. */
  const markAbandonedAfter = (attempt: Attempt, ms: number) => {
    if (isolated.has(attempt)) return;
    clock.after(ms, () => {
      if (running.get(nameOf(attempt.record.id, attempt.record.token)) !== attempt) return;
      options
        .mark(attempt.lease, "abandoned")
        .catch((error) =>
          logger.error({ err: error, job: attempt.record.id }, "An abandoned attempt could not be marked."),
        );
    });
  };

  const watchdog = createWatchdog({
    clock,
    logger,
    showStalled: (lease) => options.mark(lease, "stalled"),
    onOverdue: (attempt) => markAbandonedAfter(attempt, attempt.type.cancelGraceMs),
  });

  return {
    get count() {
      return running.size;
    },
    start(jobs, workerId, interruptedBy) {
      for (const job of jobs) {
        const attempt = startOne(job, workerId);
        if (interruptedBy) attempt.interrupt(interruptedBy);
        const waiting = early.get(nameOf(job.id, job.token));
        if (waiting) request(waiting);
      }
      early.clear();
    },
    has: ({ id, token }) => running.has(nameOf(id, token)),
    request,
    interruptAll(cause) {
      for (const attempt of running.values()) attempt.interrupt(cause);
    },
    async emptied(ms) {
      if (running.size === 0) return;
      await new Promise<void>((resolve) => {
        const cancelTimer = clock.after(ms, resolve);
        onEmpty = () => {
          cancelTimer();
          resolve();
        };
      });
    },
    async killIsolated() {
      const settled = [...isolated.values()].map((apart) => {
        apart.kill();
        return apart.settled.catch(() => {});
      });
      if (settled.length === 0) return;
      await new Promise<void>((resolve) => {
        const cancelTimer = clock.after(KILL_MS, resolve);
        void Promise.all(settled).then(() => {
          cancelTimer();
          resolve();
        });
      });
    },
    leases: () => [...running.values()].map((attempt) => attempt.lease),
  };
}
