// Which leases this process holds, by its own monotonic clock: one that was not confirmed for a lease's time, since the
// moment at which the last confirmation was asked for, is lost, whether or not the database can be asked.
// Invariant: a lease that is lost stays lost, and that is told once.
import type { Clock } from "../../ports/clock.ts";

export interface Fence {
  /** A lease that was taken by a statement sent `agoMs` ago. */
  begin(workerId: string, agoMs: number): void;
  /** A renewal that was sent `agoMs` ago was confirmed. */
  confirm(workerId: string, agoMs: number): void;
  lose(workerId: string): void;
  end(workerId: string): void;
  /** Leases that began elsewhere are not known, and not lost. */
  isLost(workerId: string): boolean;
}

export interface FenceOptions {
  readonly leaseMs: number;
  readonly clock: Clock;
  /** Asked before a lease is judged: confirmations may wait to be heard. */
  readonly catchUp: () => void;
  readonly onLost: (workerId: string) => void;
}

interface Lease {
  confirmedAt: number;
  cancelTimer: () => void;
}

/** Lost leases that are remembered: attempts that still end here must not write. */
const REMEMBERED = 1_000;

export function createFence({ leaseMs, clock, catchUp, onLost }: FenceOptions): Fence {
  const held = new Map<string, Lease>();
  const lost = new Set<string>();

  function lose(workerId: string): void {
    const lease = held.get(workerId);
    if (!lease) return;
    lease.cancelTimer();
    held.delete(workerId);
    lost.add(workerId);
    for (const oldest of lost) {
      if (lost.size <= REMEMBERED) break;
      lost.delete(oldest);
    }
    onLost(workerId);
  }

  const leftMs = ({ confirmedAt }: Lease): number => confirmedAt + leaseMs - clock.monotonic();

  /** Judged a moment before the time is over: then it was not confirmed in time. */
  function judge(workerId: string, lease: Lease): void {
    if (leftMs(lease) <= 0) catchUp();
    if (held.get(workerId) !== lease) return;
    if (leftMs(lease) <= 0) lose(workerId);
    else arm(workerId, lease);
  }

  function arm(workerId: string, lease: Lease): void {
    lease.cancelTimer();
    lease.cancelTimer = clock.after(leftMs(lease), () => judge(workerId, lease));
  }

  return {
    begin(workerId, agoMs) {
      const lease = { confirmedAt: clock.monotonic() - agoMs, cancelTimer: () => {} };
      held.set(workerId, lease);
      arm(workerId, lease);
    },
    confirm(workerId, agoMs) {
      const lease = held.get(workerId);
      if (lease) lease.confirmedAt = Math.max(lease.confirmedAt, clock.monotonic() - agoMs);
    },
    lose,
    end(workerId) {
      held.get(workerId)?.cancelTimer();
      held.delete(workerId);
    },
    isLost(workerId) {
      const lease = held.get(workerId);
      if (lease && leftMs(lease) <= 0) judge(workerId, lease);
      return lost.has(workerId);
    },
  };
}
