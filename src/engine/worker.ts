// Takes waiting jobs and runs them, never more at once than it has slots. It learns of work and of requests by notices,
// and looks for itself now and then, since a notice is only a hint.

import type { InterruptionCause } from "../domain/interruption.ts";
import type { JobRecord } from "../domain/job.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Notice } from "../ports/notifier.ts";
import type { JobStore, LeaseStore, NewWorker, Renewal } from "../ports/store.ts";
import { type Attempt, createAttempt } from "./attempt.ts";
import type { Registry } from "./registry.ts";
import { type RunServices, runAttempt } from "./run-attempt.ts";
import type { Service } from "./service.ts";

/** A request for a job that this worker may hold. */
type HeldRequest = Renewal["requests"][number];

export interface Worker extends Service {
  /** The id of its present lease. */
  readonly id: string;
  onNotice(notice: Notice): void;
  onRequest(request: HeldRequest): void;
  /** The lease is lost: aborts everything, and takes a new one. */
  onLeaseLost(): Promise<void>;
}

export interface WorkerOptions {
  readonly store: { readonly jobs: JobStore; readonly leases: LeaseStore };
  readonly registry: Registry;
  readonly run: RunServices;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly concurrency: number;
  readonly drainMs: number;
  readonly host: Omit<NewWorker, "id">;
  readonly newId: () => string;
}

/** Jobs a claim: enough to keep a fast handler busy, few enough to keep the store's transactions short. */
const CLAIM_LIMIT = 200;
/** Without any notice, look for work this often. */
const POLL_MS = 5_000;
/** After a claim failed, wait this long. */
const RETRY_MS = 500;
/** A terminated attempt that listens to its signal ends well within this time; one that does not is marked abandoned. */
const FORCE_MS = 250;

export function createWorker(options: WorkerOptions): Worker {
  const { store, registry, clock, logger, concurrency } = options;
  const running = new Map<string, Attempt>();
  let id = options.newId();
  let accepting = false;
  let pumping: Promise<void> | null = null;
  let wanted = false;
  /** Requests for jobs whose claim is on its way back: notices may overtake its answer. */
  const early = new Map<string, HeldRequest>();
  let cancelTimer = () => {};
  let onIdle = () => {};

  const wake = () => {
    wanted = true;
    if (!accepting || pumping) return;
    pumping = pump().finally(() => {
      pumping = null;
      if (wanted && accepting && running.size < concurrency) wake();
    });
  };

  const wakeAt = (at: number | null) => {
    cancelTimer();
    const waitMs = at === null ? POLL_MS : Math.min(POLL_MS, Math.max(0, at - clock.now()));
    cancelTimer = clock.after(waitMs, wake);
  };

  const pump = async () => {
    // Slots that become free in the same turn are filled by one claim.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (wanted && accepting && running.size < concurrency) {
      wanted = false;
      await claim(Math.min(CLAIM_LIMIT, concurrency - running.size));
    }
  };

  const claim = async (limit: number) => {
    try {
      const { kind, jobs, nextAvailableAt } = await store.jobs.claim({ workerId: id, types: registry.names, limit });
      if (kind === "worker_dead") return await onLeaseLost();
      for (const job of jobs) start(job);
      early.clear();
      if (jobs.length === limit) wanted = true;
      else wakeAt(nextAvailableAt);
    } catch (error) {
      logger.error({ err: error }, "Claiming jobs failed; trying again.");
      wakeAt(clock.now() + RETRY_MS);
    }
  };

  const start = (job: JobRecord) => {
    const attempt = createAttempt(job, registry.get(job.type), id);
    running.set(job.id, attempt);
    if (!accepting) attempt.interrupt("drain");
    const request = early.get(job.id);
    if (request) onRequest(request);
    void runAttempt(attempt, options.run)
      .catch((error) =>
        logger.error(
          { err: error, job: job.id },
          "The end of an attempt could not be stored; the job is recovered when its lease ends.",
        ),
      )
      .finally(() => {
        running.delete(job.id);
        if (running.size === 0) onIdle();
        wake();
      });
  };

  const onRequest = (request: HeldRequest) => {
    const attempt = running.get(request.jobId);
    if (!attempt && pumping) early.set(request.jobId, request);
    if (!attempt || attempt.record.token !== request.token) return;
    const { action } = request.control;
    // A withdrawn pause needs nothing: the attempt halts, finds itself running, and is queued again at its checkpoint.
    if (action !== "pause" && action !== "cancel" && action !== "terminate") return;
    const before = attempt.interruption?.cause;
    attempt.interrupt(action);
    if (action !== "pause" && attempt.interruption?.cause !== before) markAbandonedAfter(attempt, action);
  };

  /** An inline attempt cannot be killed: if it does not stop, it is shown as what it is. */
  const markAbandonedAfter = (attempt: Attempt, cause: InterruptionCause) => {
    clock.after(cause === "terminate" ? FORCE_MS : attempt.type.cancelGraceMs, () => {
      if (running.get(attempt.record.id) !== attempt) return;
      store.jobs
        .abandon(attempt.lease)
        .catch((error) => logger.error({ err: error, job: attempt.record.id }, "Could not mark an abandoned attempt."));
    });
  };

  const onLeaseLost = async () => {
    for (const attempt of running.values()) attempt.interrupt("lease_lost");
    id = options.newId();
    logger.warn(
      { worker: id },
      "The worker's lease was lost: its attempts are aborted, and it goes on under a new id.",
    );
    await store.leases.register({ id, ...options.host });
    wake();
  };

  return {
    get id() {
      return id;
    },
    onRequest,
    onLeaseLost,
    onNotice(notice) {
      if (notice.kind === "resync") return wake();
      if (notice.kind === "control" && notice.workerId === id) return onRequest(notice);
      if (notice.kind !== "work") return;
      if (notice.availableAt <= clock.now()) wake();
      else if (!pumping) wakeAt(notice.availableAt);
      else wanted = true;
    },
    async start() {
      if (accepting) return;
      await store.leases.register({ id, ...options.host });
      accepting = true;
      wake();
    },
    async stop() {
      accepting = false;
      cancelTimer();
      for (const attempt of running.values()) attempt.interrupt("drain");
      await pumping;
      const emptied = await emptyWithin(options.drainMs);
      if (emptied) return store.leases.retire(id);
      logger.warn(
        { jobs: [...running.keys()] },
        "These jobs did not stop in time; they are recovered at the next start.",
      );
      for (const attempt of running.values()) await store.jobs.abandon(attempt.lease);
    },
  };

  async function emptyWithin(ms: number): Promise<boolean> {
    if (running.size === 0) return true;
    return new Promise((resolve) => {
      const cancel = clock.after(ms, () => resolve(false));
      onIdle = () => {
        cancel();
        resolve(true);
      };
    });
  }
}
