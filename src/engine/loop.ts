// A service that does one thing again and again. Its tick answers when it wants to run next; a tick that fails is logged
// and tried again, never silently dropped.
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Service } from "./service.ts";

export interface LoopOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly firstMs: number;
  /** The wait after a tick that failed. */
  readonly retryMs: number;
  /** Answers the delay until the next tick, in ms. */
  readonly tick: () => Promise<number>;
}

export function createLoop({ name, clock, logger, firstMs, retryMs, tick }: LoopOptions): Service {
  let started = false;
  let cancelTimer = () => {};
  let ticking: Promise<void> = Promise.resolve();

  const schedule = (delayMs: number) => {
    if (!started) return;
    cancelTimer = clock.after(delayMs, () => {
      ticking = run();
    });
  };

  const run = async () => {
    try {
      schedule(await tick());
    } catch (error) {
      logger.error({ err: error, service: name }, "A service failed; it tries again.");
      schedule(retryMs);
    }
  };

  return {
    async start() {
      if (started) return;
      started = true;
      schedule(firstMs);
    },
    async stop() {
      started = false;
      cancelTimer();
      await ticking;
    },
  };
}
