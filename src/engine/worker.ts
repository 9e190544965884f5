// Takes waiting jobs and runs them, never more at once than it has slots. It learns of work and of requests by notices,
// and looks for itself now and then, since a notice is only a hint.
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Notice } from "../ports/notifier.ts";
import type { JobStore, LeaseRef, LeaseStore, NewWorker } from "../ports/store.ts";
import { createClaimLoop } from "./claim-loop.ts";
import type { IsolatedServices } from "./isolated-calls.ts";
import type { Registry } from "./registry.ts";
import { createRunningAttempts, type HeldRequest } from "./running-attempts.ts";
import type { Service } from "./service.ts";

export interface Worker extends Service {
  /** The id of its present lease. */
  readonly id: string;
  /** Whether the attempt runs here. */
  runs(lease: LeaseRef): boolean;
  /** The number of the claim that is under way. Of those before it all jobs are known. */
  readonly openClaim: number | null;
  onNotice(notice: Notice): void;
  onRequest(request: HeldRequest): void;
  /** The lease of this id is lost: aborts everything, and takes a new one. */
  onLeaseLost(lostId: string): Promise<void>;
}

export interface WorkerOptions {
  readonly store: { readonly jobs: JobStore; readonly leases: LeaseStore };
  readonly registry: Registry;
  readonly run: IsolatedServices;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly concurrency: number;
  readonly drainMs: number;
  readonly host: Omit<NewWorker, "id">;
  readonly newId: () => string;
}

export function createWorker(options: WorkerOptions): Worker {
  const { store, registry, logger, clock } = options;
  let id = options.newId();
  let draining = false;
  const attempts = createRunningAttempts({
    ...options,
    mark: (lease, mark) => store.jobs.mark(lease, mark),
    onEnd: () => claims.wake(),
  });

  let claimed = 0;
  let openClaim: number | null = null;
  const claim = async (limit: number) => {
    claimed += 1;
    openClaim = claimed;
    try {
      return await claimNow(limit);
    } finally {
      openClaim = null;
    }
  };
  const claimNow = async (limit: number) => {
    const workerId = id;
    const { kind, jobs, nextInMs } = await store.jobs.claim({
      workerId,
      types: registry.claimable,
      queues: options.host.queues,
      limit,
    });
    if (kind === "worker_dead") await onLeaseLost(workerId);
    attempts.start(jobs, workerId, workerId === id ? (draining ? "drain" : undefined) : "lease_lost");
    return { count: jobs.length, nextInMs };
  };
  const claims = createClaimLoop({ clock, logger, claim, freeSlots: () => options.concurrency - attempts.count });

  const onLeaseLost = async (lostId: string) => {
    // An answer for an id that was given up already says nothing of the present one.
    if (lostId !== id) return;
    attempts.interruptAll("lease_lost");
    id = options.newId();
    logger.warn(
      { worker: id },
      "The worker's lease was lost: its attempts are aborted, and it goes on under a new id.",
    );
    await store.leases.register({ id, ...options.host });
    claims.wake();
  };

  const release = async () => {
    const left = attempts.leases();
    if (left.length === 0) return store.leases.retire(id);
    logger.warn(
      { jobs: left.map((lease) => lease.id) },
      "These jobs did not stop in time; the next start recovers them.",
    );
    for (const lease of left) await store.jobs.mark(lease, "abandoned");
  };

  return {
    get id() {
      return id;
    },
    get openClaim() {
      return openClaim;
    },
    runs: attempts.has,
    onRequest: attempts.request,
    onLeaseLost,
    onNotice(notice) {
      if (notice.kind === "resync") claims.wake();
      else if (notice.kind === "work") claims.wake(notice.inMs);
      else if (notice.kind === "control" && notice.workerId === id) attempts.request(notice);
    },
    async start() {
      await store.leases.register({ id, ...options.host });
      claims.start();
    },
    async stop() {
      draining = true;
      const stopped = claims.stop();
      attempts.interruptAll("drain");
      await stopped;
      await attempts.emptied(options.drainMs);
      await attempts.killIsolated();
      // A store that is gone already must not keep anybody from stopping.
      await release().catch((error) =>
        logger.warn({ err: error, worker: id }, "The worker's lease could not be given back."),
      );
    },
  };
}
