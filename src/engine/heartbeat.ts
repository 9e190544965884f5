// Keeps the worker's lease alive, and takes the requests that wait for it: a request whose notice was missed
// is met here at the latest.
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Notice } from "../ports/notifier.ts";
import type { LeaseStore } from "../ports/store.ts";
import { createLoop } from "./loop.ts";
import type { Service } from "./service.ts";
import type { Worker } from "./worker.ts";

export interface Heartbeat extends Service {
  onNotice(notice: Notice): void;
}

export interface HeartbeatOptions {
  readonly worker: Worker;
  readonly leases: LeaseStore;
  /** Duration of a lease; it is renewed three times within it. */
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createHeartbeat({ worker, leases, leaseMs, clock, logger }: HeartbeatOptions): Heartbeat {
  const everyMs = leaseMs / 3;
  const loop = createLoop({
    name: "heartbeat",
    clock,
    logger,
    firstMs: everyMs,
    retryMs: everyMs,
    async tick() {
      const { id } = worker;
      const { alive, requests } = await leases.renew(id);
      if (alive) for (const request of requests) worker.onRequest(request);
      else await worker.onLeaseLost(id);
      return everyMs;
    },
  });
  return {
    start: loop.start,
    stop: loop.stop,
    onNotice(notice) {
      // Requests may have been missed, and so may the loss of the lease.
      if (notice.kind === "resync") loop.wake();
    },
  };
}
