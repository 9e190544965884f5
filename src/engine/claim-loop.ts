// Decides when to look for work: at once when a notice says that there is some or a slot became free, at the time when
// the next job becomes available, and now and then in any case.
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";

export interface ClaimLoop {
  start(): void;
  /** Resolves when no claim is under way any more. */
  stop(): Promise<void>;
  /** There is something to claim in `ms`, default now. */
  wake(ms?: number): void;
}

/** What a claim found. */
export interface Claimed {
  readonly count: number;
  /** In how many ms the next job becomes available, `null` when none waits. */
  readonly nextInMs: number | null;
}

export interface ClaimLoopOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly freeSlots: () => number;
  /** Claims and starts up to `limit` jobs. */
  readonly claim: (limit: number) => Promise<Claimed>;
}

/** Jobs a claim: enough to keep a fast handler busy, few enough to keep the store's transactions short. */
const CLAIM_LIMIT = 200;
/** Without any notice, look for work this often. */
const POLL_MS = 5_000;
/** After a claim failed, wait this long. */
const RETRY_MS = 500;

export function createClaimLoop({ clock, logger, freeSlots, claim }: ClaimLoopOptions): ClaimLoop {
  let started = false;
  let wanted = false;
  let pumping: Promise<void> | null = null;
  let cancelTimer = () => {};
  /** When the timer fires, on the monotonic clock. */
  let wakesAt = Number.POSITIVE_INFINITY;

  const wakeNow = () => {
    wanted = true;
    if (!started || pumping) return;
    pumping = pump().finally(() => {
      pumping = null;
      if (wanted && freeSlots() > 0) wakeNow();
    });
  };

  /** Only ever brings the timer forward: a job that is due later must not hide one that is due before. */
  const wakeIn = (ms: number | null) => {
    const waitMs = Math.min(POLL_MS, Math.max(0, ms ?? POLL_MS));
    const at = clock.monotonic() + waitMs;
    if (at >= wakesAt) return;
    cancelTimer();
    wakesAt = at;
    cancelTimer = clock.after(waitMs, () => {
      wakesAt = Number.POSITIVE_INFINITY;
      wakeNow();
    });
  };

  const pump = async () => {
    // Slots that become free in the same turn are filled by one claim.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (wanted && started && freeSlots() > 0) {
      wanted = false;
      await claimOnce(Math.min(CLAIM_LIMIT, freeSlots()));
    }
  };

  const claimOnce = async (limit: number) => {
    try {
      const { count, nextInMs } = await claim(limit);
      if (count === limit) wanted = true;
      else if (started) wakeIn(nextInMs);
    } catch (error) {
      logger.error({ err: error }, "Claiming jobs failed; it is tried again.");
      if (started) wakeIn(RETRY_MS);
    }
  };

  return {
    start() {
      started = true;
      wakeNow();
    },
    async stop() {
      started = false;
      cancelTimer();
      wakesAt = Number.POSITIVE_INFINITY;
      await pumping;
    },
    wake(ms = 0) {
      if (ms <= 0) wakeNow();
      else if (started) wakeIn(ms);
    },
  };
}
