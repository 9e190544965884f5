// A service that does one thing again and again. Its tick answers when it wants to run next; a tick that fails is logged
// and tried again, never silently dropped.
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Service } from "./service.ts";

export interface Loop extends Service {
  /** Ticks at once, or once more when a tick is under way. */
  wake(): void;
}

export interface LoopOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The delay of the first tick; 0 for at once. */
  readonly firstMs: number;
  /** The wait after a tick that failed. */
  readonly retryMs: number;
  /** Answers the delay until the next tick, in ms; 0 for at once. */
  readonly tick: () => Promise<number>;
}

export function createLoop({ name, clock, logger, firstMs, retryMs, tick }: LoopOptions): Loop {
  let started = false;
  let isTicking = false;
  let isWoken = false;
  let cancelTimer = () => {};
  let ticking: Promise<void> = Promise.resolve();

  const schedule = (delayMs: number) => {
    if (started) cancelTimer = clock.after(delayMs, begin);
  };

  const begin = () => {
    cancelTimer();
    ticking = run();
  };

  const run = async () => {
    isTicking = true;
    let delayMs = 0;
    while (started && delayMs <= 0) {
      isWoken = false;
      delayMs = await tickSafely();
      if (isWoken) delayMs = 0;
    }
    isTicking = false;
    schedule(delayMs);
  };

  const tickSafely = async () => {
    try {
      return await tick();
    } catch (error) {
      logger.error({ err: error, service: name }, "A service failed; it tries again.");
      return retryMs;
    }
  };

  return {
    async start() {
      if (started) return;
      started = true;
      if (firstMs <= 0) begin();
      else schedule(firstMs);
    },
    async stop() {
      started = false;
      cancelTimer();
      await ticking;
    },
    wake() {
      isWoken = true;
      if (started && !isTicking) begin();
    },
  };
}
