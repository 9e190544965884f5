// Finds workers whose lease has ended and gives their jobs back: queued, paused or cancelled, as was last acknowledged.
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { LeaseStore } from "../ports/store.ts";
import { createLoop } from "./loop.ts";
import type { Service } from "./service.ts";

export interface ReaperOptions {
  readonly leases: LeaseStore;
  readonly crashLimit: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The first sweep is the recovery: `start` resolves when it is done, so that nothing is claimed before. */
export function createReaper({ leases, crashLimit, clock, logger }: ReaperOptions): Service {
  const sweep = async () => {
    const jobs = await leases.reap({ crashLimit });
    if (jobs > 0) logger.warn({ jobs }, "Jobs of dead workers were recovered.");
    return leases.reapEveryMs;
  };
  const { reapEveryMs: firstMs } = leases;
  const loop = createLoop({ name: "reaper", clock, logger, firstMs, retryMs: firstMs, tick: sweep });
  return {
    async start() {
      await sweep();
      await loop.start();
    },
    stop: loop.stop,
  };
}
