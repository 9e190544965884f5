// Keeps the leases of this process: the thread renews them, the fence says which are held. Whoever calls the store meets
// both here. Invariant: what the thread said counts before anything is judged lost.
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { LocalNotifier } from "../sql/notifier.ts";
import { heldRequestOf, parseArray } from "../sql/rows.ts";
import type { Database } from "./database.ts";
import { createFence } from "./fence.ts";
import type { FromThread, LeaseThreadOptions } from "./lease-protocol.ts";
import { createLeaseThread } from "./lease-thread.ts";
import { machineMs } from "./machine-time.ts";
import { forgetSession } from "./queries/workers.ts";

export interface LeaseKeeper {
  /** To be awaited before a lease is taken. */
  prepare(): Promise<void>;
  /** A lease was taken, `sentAt` on the clock's monotonic time. Resolves when the thread keeps it, or has failed to. */
  registered(workerId: string, sentAt: number): Promise<void>;
  renewed(workerId: string, sentAt: number): void;
  retired(workerId: string): void;
  /** The database says so. */
  lost(workerId: string): void;
  isLost(workerId: string): boolean;
  /** False for the moment in which others may believe that this process died: it starts nothing then. */
  mayClaim(): boolean;
  /** What `call` answers, or `null` as soon as the lease is lost. */
  whileHeld<T>(workerId: string, call: Promise<T>): Promise<T | null>;
  close(): Promise<void>;
}

export interface LeaseKeeperOptions {
  /** `null`: leases are renewed by whoever calls `renew`, alone. */
  readonly thread: Omit<LeaseThreadOptions, "leaseMs" | "report"> | null;
  readonly database: Database;
  readonly notifier: LocalNotifier;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

const RETRY_MS = 1_000;

export function createLeaseKeeper({
  database,
  notifier,
  leaseMs,
  clock,
  logger,
  ...options
}: LeaseKeeperOptions): LeaseKeeper {
  const workers = new Set<string>();
  const waiting = new Map<string, Set<() => void>>();
  /** Who waits for the thread's first word of a lease. */
  const beginning = new Map<string, () => void>();
  /** Of the session that others see, and of one that they do not see any more. */
  let lockKey: string | null = null;
  let missingKey: string | null = null;
  let isFailing = false;
  let closed = false;

  const thread =
    options.thread &&
    createLeaseThread({ ...options.thread, leaseMs, report: logger !== undefined, clock, hear, onDeath });
  const fence = createFence({ leaseMs, clock, catchUp: () => thread?.catchUp(), onLost });

  function hear(message: FromThread): void {
    switch (message.kind) {
      case "ready":
      case "ping":
        return;
      case "renewed":
        hearRenewed(message);
        return;
      case "lost":
        fence.lose(message.workerId);
        return;
      case "sessionLost":
        loseSession(message.lockKey);
        return;
      case "failed":
        for (const workerId of beginning.keys()) begun(workerId);
        if (!isFailing) logger?.warn({ why: message.message }, "The leases could not be renewed; it is tried again.");
        isFailing = true;
        return;
      case "rerouted":
        hearRerouted(message.why);
        return;
      case "blocked":
        hearBlocked(message.ms, message.letGo);
        return;
    }
  }

  function hearRenewed(message: FromThread & { readonly kind: "renewed" }): void {
    const { workerId } = message;
    isFailing = false;
    begun(workerId);
    fence.confirm(workerId, machineMs() - message.sentAt);
    lockKey = message.lockKey;
    if (lockKey !== null) regain();
    for (const request of parseArray(message.requests).map(heldRequestOf)) {
      notifier.tell({ kind: "control", workerId, ...request });
    }
  }

  function begun(workerId: string): void {
    beginning.get(workerId)?.();
    beginning.delete(workerId);
  }

  function hearRerouted(why: string | null): void {
    if (why === null) logger?.info({}, "The leases are renewed over the direct connection again.");
    else
      logger?.warn(
        { why },
        "The direct connection (listenUrl) does not work: the leases are renewed through the database's url, and were this " +
          "process to die now, it would be noticed when they end. It is tried again.",
      );
  }

  function hearBlocked(ms: number, letGo: boolean): void {
    const fields = { ms: Math.round(ms) };
    if (letGo)
      logger?.error(fields, "The event loop stood still for so long that the jobs of this process were let go.");
    else logger?.warn(fields, "The event loop stood still for longer than a lease. A job that computes belongs apart.");
  }

  /** Others count from now on, unless they hear that only the session is gone. */
  function loseSession(key: string): void {
    missingKey = key;
    lockKey = null;
    database.run(forgetSession, [...workers], key).then(
      () => {
        if (missingKey === key) regain();
      },
      () =>
        clock.after(RETRY_MS, () => {
          if (missingKey === key && !closed) loseSession(key);
        }),
    );
  }

  function regain(): void {
    if (missingKey === null) return;
    missingKey = null;
    notifier.tell({ kind: "work", inMs: 0 });
  }

  function onDeath(error: Error): void {
    logger?.error({ err: error }, "The thread that renews the leases died; it is started again.");
    for (const workerId of beginning.keys()) begun(workerId);
    if (lockKey !== null) loseSession(lockKey);
  }

  function onLost(workerId: string): void {
    workers.delete(workerId);
    begun(workerId);
    thread?.drop(workerId);
    for (const tell of waiting.get(workerId) ?? []) tell();
    // Whoever takes a new id has no session that could be missed.
    if (workers.size === 0) regain();
    notifier.tell({ kind: "resync" });
  }

  return {
    prepare: async () => thread?.prepare(),
    async registered(workerId, sentAt) {
      workers.add(workerId);
      fence.begin(workerId, clock.monotonic() - sentAt);
      if (!thread) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      beginning.set(workerId, resolve);
      thread.keep(workerId);
      await promise;
    },
    renewed: (workerId, sentAt) => fence.confirm(workerId, clock.monotonic() - sentAt),
    retired(workerId) {
      workers.delete(workerId);
      begun(workerId);
      fence.end(workerId);
      thread?.drop(workerId);
    },
    lost: (workerId) => fence.lose(workerId),
    isLost: (workerId) => fence.isLost(workerId),
    mayClaim: () => missingKey === null,
    async whileHeld(workerId, call) {
      const lost = Promise.withResolvers<null>();
      const tell = () => lost.resolve(null);
      const group = waiting.get(workerId) ?? new Set();
      waiting.set(workerId, group.add(tell));
      try {
        return await Promise.race([call, lost.promise]);
      } finally {
        group.delete(tell);
        if (group.size === 0) waiting.delete(workerId);
      }
    },
    async close() {
      closed = true;
      for (const workerId of beginning.keys()) begun(workerId);
      for (const workerId of workers) fence.end(workerId);
      await thread?.close();
    },
  };
}
