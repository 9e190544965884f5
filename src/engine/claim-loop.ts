// Decides when to look for work: at once when a notice says that there is some or a slot became free, at the time when
// the next job becomes available, and now and then in any case.
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";

export interface ClaimLoop {
  start(): void;
  /** Resolves when no claim is under way any more. */
  stop(): Promise<void>;
  /** There is something to claim at `at` (epoch ms); without it, now. */
  wake(at?: number): void;
}

/** What a claim found. */
export interface Claimed {
  readonly count: number;
  /** When the next job becomes available (epoch ms), `null` when none waits. */
  readonly nextAvailableAt: number | null;
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

  const wakeNow = () => {
    wanted = true;
    if (!started || pumping) return;
    pumping = pump().finally(() => {
      pumping = null;
      if (wanted && freeSlots() > 0) wakeNow();
    });
  };

  const wakeAt = (at: number | null) => {
    cancelTimer();
    const waitMs = at === null ? POLL_MS : Math.min(POLL_MS, Math.max(0, at - clock.now()));
    cancelTimer = clock.after(waitMs, wakeNow);
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
      const { count, nextAvailableAt } = await claim(limit);
      if (count === limit) wanted = true;
      else if (started) wakeAt(nextAvailableAt);
    } catch (error) {
      logger.error({ err: error }, "Claiming jobs failed; it is tried again.");
      if (started) wakeAt(clock.now() + RETRY_MS);
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
      await pumping;
    },
    wake(at) {
      if (at === undefined || at <= clock.now()) wakeNow();
      else if (pumping) wanted = true;
      else wakeAt(at);
    },
  };
}
