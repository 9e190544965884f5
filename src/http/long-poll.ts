// Requests that wait for a job to get somewhere. Each ends when the job is there, when its time is up, when the caller has
// gone, or when the server stops; whichever it is, the answer is the job as it is then. Only a caller whose token has ended
// meanwhile gets none.
import type { FastifyRequest } from "fastify";
import { jobNotFound, PawlError } from "../domain/errors.ts";
import type { Job } from "../domain/job.ts";
import type { AwaitedState } from "../domain/job-control.ts";
import type { Manager } from "../engine/manager.ts";
import type { Clock } from "../ports/clock.ts";
import type { Gate } from "./access/gate.ts";
import { createPlaces } from "./places.ts";
import { allowSilence } from "./silence.ts";

export interface LongPolls {
  wait(
    request: FastifyRequest,
    id: string,
    wanted: { readonly until: readonly AwaitedState[]; readonly ms: number },
  ): Promise<Job>;
  /** Answers all that wait, now and from now on at once. */
  end(): void;
}

export interface LongPollOptions {
  readonly manager: Pick<Manager, "get" | "waitUntil">;
  readonly clock: Clock;
  readonly gate: Pick<Gate, "watch">;
}

/** Requests that may wait at once: in all, and of one token, or address where callers show none. */
const POLLS_MAX = 5_000;
const POLLS_PER_PEER_MAX = 500;

export function createLongPolls({ manager, clock, gate }: LongPollOptions): LongPolls {
  const waiting = new Set<AbortController>();
  const places = createPlaces({ what: "waiting requests", max: POLLS_MAX, maxPerPeer: POLLS_PER_PEER_MAX });
  let ended = false;

  const now = async (id: string): Promise<Job> => {
    const job = await manager.get(id);
    if (!job) throw jobNotFound(id);
    return job;
  };

  return {
    async wait(request, id, { until, ms }) {
      if (ended || ms === 0) return now(id);
      const leave = places.take(request);
      const { socket } = request.raw;
      const stop = new AbortController();
      const abort = () => stop.abort();
      const cancelTimer = clock.after(ms, abort);
      let mayKnow = true;
      const unwatch = gate.watch(request.caller, () => {
        mayKnow = false;
        abort();
      });
      waiting.add(stop);
      socket.once("close", abort);
      try {
        return await allowSilence(request, () => manager.waitUntil(id, until, { signal: stop.signal }));
      } catch (error) {
        if (!mayKnow) throw new PawlError("unauthenticated", "The token has ended while this request waited.");
        if (stop.signal.aborted) return now(id);
        throw error;
      } finally {
        leave();
        cancelTimer();
        unwatch();
        waiting.delete(stop);
        socket.off("close", abort);
      }
    },
    end() {
      ended = true;
      for (const stop of waiting) stop.abort();
    },
  };
}
