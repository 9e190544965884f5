// Gives back jobs that this worker holds without running them: the answer of the claim that took them was lost with its
// connection, or came to nobody because the claim had waited too long; or their end could not be stored.
// Invariant: a job counts as one only when it was found so twice, and the claim whose answer was on its way at first is
// over.
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { JobStore, LeaseRef, LeaseStore } from "../ports/store.ts";
import { createLoop } from "./loop.ts";
import type { Service } from "./service.ts";
import type { Worker } from "./worker.ts";

export interface StraysOptions {
  readonly worker: Pick<Worker, "id" | "runs" | "openClaim">;
  readonly store: { readonly jobs: Pick<JobStore, "settle">; readonly leases: Pick<LeaseStore, "held"> };
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const GIVEN_BACK_AT_ONCE = 1_000;

const nameOf = ({ id, token }: LeaseRef) => `${id} ${token}`;

export function createStrays({ worker, store, everyMs, clock, logger }: StraysOptions): Service {
  let before: ReadonlySet<string> = new Set();
  let openBefore: number | null = null;

  async function tick(): Promise<number> {
    const strays = (await store.leases.held(worker.id)).filter((lease) => !worker.runs(lease));
    const isSure = openBefore === null || openBefore !== worker.openClaim;
    const sure = strays.filter((lease) => isSure && before.has(nameOf(lease))).slice(0, GIVEN_BACK_AT_ONCE);
    before = new Set(strays.map(nameOf));
    openBefore = worker.openClaim;
    if (sure.length === 0) return everyMs;
    logger.warn({ jobs: sure.map(({ id }) => id) }, "Jobs were claimed, and are not run: they are given back.");
    await store.jobs.settle(sure.map((lease) => ({ ...lease, event: "halt", cause: "lease_lost" })));
    return everyMs;
  }

  return createLoop({ name: "strays", clock, logger, firstMs: everyMs, retryMs: everyMs, tick });
}
