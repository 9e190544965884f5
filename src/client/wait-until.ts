// Waits for a job to reach a state: the server answers when the job is there, or after a while, and is asked again. Once
// the server has answered, the wait outlasts its absence: only the caller's signal ends it.
import { jobNotFound } from "../domain/errors.ts";
import type { Job } from "../domain/job.ts";
import type { AwaitedState, JobControl } from "../domain/job-control.ts";
import { isFinal, type State } from "../domain/lifecycle.ts";
import { type ClientClock, delay } from "./client-clock.ts";
import type { Steering } from "./job-control.ts";
import { ROUTES } from "./routes.ts";
import type { Send } from "./send.ts";

export interface WaitServices {
  readonly send: Send;
  readonly get: Steering["get"];
  readonly clock: ClientClock;
}

/** How long the server holds a request back: less than what stands between allows. */
const HELD_MS = 30_000;
const ANSWER_WITHIN_MS = 45_000;
/** After an answer that came early and without news: from a server that stops. */
const EARLY_MS = 1_000;

export function createWaitUntil({ send, get, clock }: WaitServices): JobControl["waitUntil"] {
  return async (id, until, { signal } = {}) => {
    const states: readonly AwaitedState[] = typeof until === "string" ? [until] : until;
    const fits = (state: State) => states.some((awaited) => (awaited === "final" ? isFinal(state) : awaited === state));
    const query = { until: states, waitMs: HELD_MS };
    const patience = { withinMs: ANSWER_WITHIN_MS, patienceMs: Number.POSITIVE_INFINITY };
    let job: Job | null = await get(id, { signal });
    if (!job) throw jobNotFound(id);
    while (!fits(job.state)) {
      const askedAt = clock.monotonic();
      ({ body: job } = await send(ROUTES.getJob, { params: { id }, query, signal, ...patience }));
      if (!fits(job.state) && clock.monotonic() - askedAt < EARLY_MS) await delay(clock, EARLY_MS, signal);
    }
    return job;
  };
}
