// When followers are told: in rounds, at least 250 ms apart. A round reads every job that any follower needs once, and
// waits for nobody: whoever does not keep up is left out until it does.
import type { Manager } from "../engine/manager.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { Slice } from "./change-ring.ts";
import { type Follower, type FreshJob, toFreshJob } from "./follower.ts";

export interface StreamRoundsOptions {
  readonly manager: Pick<Manager, "summaries">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly followers: ReadonlySet<Follower>;
}

export interface StreamRounds {
  /** Sees to it that a round comes as soon as one may. */
  schedule(): void;
}

const FRAME_EVERY_MS = 250;
/** After a round that failed: the store is probably away. */
const RETRY_AFTER_MS = 1_000;
/** Jobs read at once. */
const READ_MAX = 500;

const isWaiting = (follower: Follower) => follower.pending && follower.sink.ready;

export function createStreamRounds({ manager, clock, logger, followers }: StreamRoundsOptions): StreamRounds {
  let state: "idle" | "waiting" | "running" = "idle";
  let nextAt = 0;

  function schedule(): void {
    if (state !== "idle" || followers.size === 0) return;
    state = "waiting";
    clock.after(Math.max(0, nextAt - clock.monotonic()), () => void run());
  }

  async function run(): Promise<void> {
    state = "running";
    nextAt = clock.monotonic() + FRAME_EVERY_MS;
    try {
      await tell([...followers].filter(isWaiting));
    } catch (error) {
      nextAt = clock.monotonic() + RETRY_AFTER_MS;
      logger.warn({ err: error }, "Live streams could not be brought up to date. Trying again.");
    }
    state = "idle";
    if ([...followers].some(isWaiting)) schedule();
  }

  async function tell(waiting: readonly Follower[]): Promise<void> {
    const slices = new Map<string, Slice | null>();
    const ids = new Set(waiting.flatMap((follower) => [...follower.prepare(slices)]));
    const fresh = await read([...ids]);
    for (const follower of waiting) if (follower.sink.ready) await follower.tell(fresh);
  }

  async function read(ids: readonly string[]): Promise<ReadonlyMap<string, FreshJob>> {
    const fresh = new Map<string, FreshJob>();
    for (let start = 0; start < ids.length; start += READ_MAX) {
      const summaries = await manager.summaries(ids.slice(start, start + READ_MAX));
      for (const summary of summaries) fresh.set(summary.id, toFreshJob(summary));
    }
    return fresh;
  }

  return { schedule };
}
