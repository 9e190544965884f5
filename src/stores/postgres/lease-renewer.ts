// Renews leases on a connection of its own (runs in the lease thread), as long as the main thread's event loop turns now and
// then: a process that will never come back must not hold jobs for ever.
// Invariant: what it says of a renewal is what the database confirmed, with the time at which it was asked.
import type { Clock } from "../../ports/clock.ts";
import type { FromThread, LeaseThreadOptions } from "./lease-protocol.ts";
import { createLeaseRoads, type LeaseConnection } from "./lease-roads.ts";
import * as sql from "./queries/workers.ts";

export interface LeaseRenewer {
  /** Connects, so that no lease runs down meanwhile; then says that it is ready. */
  prepare(): Promise<void>;
  keep(workerId: string): void;
  drop(workerId: string): void;
  /** The event loop turns. */
  heard(): void;
}

export interface LeaseRenewerOptions extends LeaseThreadOptions {
  readonly clock: Pick<Clock, "monotonic" | "after">;
  readonly post: (message: FromThread) => void;
  /** Tells a person at once that the event loop stands still. */
  readonly warn: (message: string) => void;
}

/** An event loop that stands still for so many leases is given up. */
const PATIENCE_LEASES = 4;
/** A lease must outlast a statement that failed, and another try. */
const TRIES_A_LEASE = 3;
const SHORTEST_DEADLINE_MS = 500;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

export function createLeaseRenewer(options: LeaseRenewerOptions): LeaseRenewer {
  const { leaseMs, clock, post, warn } = options;
  const everyMs = leaseMs / TRIES_A_LEASE;
  const deadlineMs = Math.max(SHORTEST_DEADLINE_MS, everyMs);
  const kept = new Set<string>();
  const onChange = () => {
    if (kept.size > 0) renewSoon();
  };
  const roads = createLeaseRoads({ ...options, deadlineMs, onChange });
  let heardAt = clock.monotonic();
  let letGo = false;
  let retryMs = FIRST_RETRY_MS;
  let isRenewing = false;
  let isWanted = false;
  let cancelTimer = () => {};

  async function renew(workerId: string, { direct, lockKey }: LeaseConnection): Promise<void> {
    const sentAt = clock.monotonic();
    const [row] = await direct.run(sql.renew, workerId, leaseMs, lockKey);
    if (!kept.has(workerId)) return;
    if (row) {
      post({ kind: "renewed", workerId, sentAt, requests: row.requests, lockKey });
      return;
    }
    kept.delete(workerId);
    post({ kind: "lost", workerId });
  }

  async function renewAll(): Promise<void> {
    const connection = await roads.connection();
    try {
      for (const workerId of kept) await renew(workerId, connection);
    } catch (error) {
      if (!roads.avoid(error)) throw error;
      await renewAll();
    }
  }

  /** Renews what is kept, if only nothing; answers when to do so again. */
  async function tryRenewAll(): Promise<number> {
    isRenewing = true;
    isWanted = false;
    try {
      await renewAll();
      retryMs = FIRST_RETRY_MS;
      return everyMs;
    } catch (error) {
      post({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
      const waitMs = retryMs;
      retryMs = Math.min(LONGEST_RETRY_MS, everyMs, retryMs * 2);
      return waitMs;
    } finally {
      isRenewing = false;
    }
  }

  /** Whether the event loop still deserves its leases. */
  function isMainAlive(): boolean {
    const silentMs = clock.monotonic() - heardAt;
    if (silentMs > PATIENCE_LEASES * leaseMs && !letGo) {
      letGo = true;
      warn(`The event loop has stood still for ${Math.round(silentMs)} ms: the jobs of this process are let go.`);
    }
    return !letGo;
  }

  async function tick(): Promise<void> {
    if (kept.size === 0) return;
    post({ kind: "ping" });
    if (!isMainAlive()) return wake(everyMs);
    const waitMs = await tryRenewAll();
    wake(isWanted ? Math.min(waitMs, FIRST_RETRY_MS) : waitMs);
  }

  function wake(waitMs: number): void {
    cancelTimer();
    cancelTimer = clock.after(waitMs, () => void tick());
  }

  function renewSoon(): void {
    isWanted = true;
    if (!isRenewing) wake(0);
  }

  return {
    async prepare() {
      await tryRenewAll();
      post({ kind: "ready" });
      if (isWanted) wake(0);
    },
    keep(workerId) {
      kept.add(workerId);
      renewSoon();
    },
    drop: (workerId) => void kept.delete(workerId),
    heard() {
      const silentMs = clock.monotonic() - heardAt;
      heardAt = clock.monotonic();
      if (kept.size > 0 && silentMs > leaseMs) post({ kind: "blocked", ms: silentMs, letGo });
      letGo = false;
    },
  };
}
