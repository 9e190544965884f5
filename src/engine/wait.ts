// Waits for a job to reach a state. Notices wake it; the store is read to make sure, and read again now and then,
// because a notice may be missed.
import { jobNotFound } from "../domain/errors.ts";
import type { AwaitedState, JobControl } from "../domain/job-control.ts";
import { isFinal, type State } from "../domain/lifecycle.ts";
import type { Clock } from "../ports/clock.ts";
import type { Notifier } from "../ports/notifier.ts";

export interface WaitServices {
  readonly get: JobControl["get"];
  readonly notifier: Notifier;
  readonly clock: Clock;
}

const REREAD_MS = 5_000;

export function createWaitUntil({ get, notifier, clock }: WaitServices): JobControl["waitUntil"] {
  return async (id, until, { signal } = {}) => {
    const states: readonly AwaitedState[] = typeof until === "string" ? [until] : until;
    const fits = (state: State) => states.some((awaited) => (awaited === "final" ? isFinal(state) : awaited === state));
    let wake = () => {};
    const unsubscribe = notifier.subscribe((notice) => {
      if (notice.kind === "resync") wake();
      if (notice.kind === "changed" && notice.jobs.some((job) => job.id === id && (job.removed || fits(job.state))))
        wake();
    });
    const onAbort = () => wake();
    signal?.addEventListener("abort", onAbort);
    try {
      for (;;) {
        // Armed before the read, so that a change between the read and the wait is not missed.
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        signal?.throwIfAborted();
        const job = await get(id);
        if (!job) throw jobNotFound(id);
        if (fits(job.state)) return job;
        const cancelTimer = clock.after(REREAD_MS, () => wake());
        await woken;
        cancelTimer();
      }
    } finally {
      unsubscribe();
      signal?.removeEventListener("abort", onAbort);
    }
  };
}
