// Ends attempts that take too long, and those that do not get on. One timer serves all attempts of the process.
// A request that an attempt has already is never replaced by the watchdog.
import type { StopCause } from "../domain/interruption.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { LeaseRef } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";

export interface Watchdog {
  /** Looks after an attempt that begins now, if its type wants it. */
  watch(attempt: Attempt): void;
  forget(attempt: Attempt): void;
}

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Shows that the attempt stalls. */
  readonly showStalled: (lease: LeaseRef) => Promise<unknown>;
  /** The attempt has to stop now, and is given its grace. */
  readonly onOverdue: (attempt: Attempt) => void;
}

/** Times in ms of the monotonic clock. */
interface Watch {
  timeoutAt: number;
  /** Time that the whole process lost does not count: nothing of it could get on. */
  excusedUntil: number;
  /** The `progressedAt` that was found to be too long ago. */
  stalledSince: number | null;
}

/** Attempts are looked at this often at most and at least, as long as any is watched. */
const SHORTEST_ROUND_MS = 50;
const LONGEST_ROUND_MS = 1_000;
/** A round that comes later than this found the event loop held up. */
const LATE_MS = 1_000;

export function createWatchdog({ clock, logger, showStalled, onOverdue }: WatchdogOptions): Watchdog {
  const watched = new Map<Attempt, Watch>();
  let cancelTimer = () => {};
  /** When the next round is, `Infinity` when none is. */
  let roundAt = Number.POSITIVE_INFINITY;

  const scheduleRound = (dueAt: number) => {
    const now = clock.monotonic();
    const waitMs = Math.min(LONGEST_ROUND_MS, Math.max(SHORTEST_ROUND_MS, dueAt - now));
    if (now + waitMs >= roundAt) return;
    cancelTimer();
    roundAt = now + waitMs;
    cancelTimer = clock.after(waitMs, round);
  };

  const round = () => {
    const now = clock.monotonic();
    const isLate = now - roundAt > LATE_MS;
    roundAt = Number.POSITIVE_INFINITY;
    let nextAt = Number.POSITIVE_INFINITY;
    for (const [attempt, watch] of watched) {
      if (isLate) watch.excusedUntil = now;
      checkTimeout(attempt, watch, now);
      checkStall(attempt, watch, now);
      nextAt = Math.min(nextAt, dueAtOf(attempt, watch));
    }
    if (watched.size > 0) scheduleRound(nextAt);
  };

  const checkTimeout = (attempt: Attempt, watch: Watch, now: number) => {
    if (now < watch.timeoutAt) return;
    watch.timeoutAt = Number.POSITIVE_INFINITY;
    stop(attempt, "timeout");
  };

  const checkStall = (attempt: Attempt, watch: Watch, now: number) => {
    if (now < stallAtOf(attempt, watch)) return;
    watch.stalledSince = attempt.progressedAt;
    showStalled(attempt.lease).catch((error) =>
      logger.error({ err: error, job: attempt.record.id }, "A stalled attempt could not be marked."),
    );
    if (attempt.type.stall?.policy !== "show") stop(attempt, "stalled");
  };

  const stop = (attempt: Attempt, cause: StopCause) => {
    if (!attempt.interruption) attempt.interrupt(cause);
    onOverdue(attempt);
  };

  return {
    watch(attempt) {
      if (attempt.timeoutMs === null && attempt.type.stall === null) return;
      const now = clock.monotonic();
      const watch = {
        timeoutAt: now + (attempt.timeoutMs ?? Number.POSITIVE_INFINITY),
        excusedUntil: now,
        stalledSince: null,
      };
      watched.set(attempt, watch);
      scheduleRound(dueAtOf(attempt, watch));
    },
    forget(attempt) {
      watched.delete(attempt);
      if (watched.size > 0) return;
      cancelTimer();
      roundAt = Number.POSITIVE_INFINITY;
    },
  };
}

function stallAtOf(attempt: Attempt, { excusedUntil, stalledSince }: Watch): number {
  const { stall } = attempt.type;
  if (!stall || stalledSince === attempt.progressedAt) return Number.POSITIVE_INFINITY;
  return Math.max(attempt.progressedAt, excusedUntil) + stall.afterMs;
}

function dueAtOf(attempt: Attempt, watch: Watch): number {
  return Math.min(watch.timeoutAt, stallAtOf(attempt, watch));
}
