// Leases besides the one that a driver holds: those of its successors, and those that count no more.
import type { LeaseRef, Store } from "../../ports/store.ts";
import { one } from "./context.ts";
import { claimable, type Driver, newId, registerWorker } from "./store-driver.ts";

/** Claims a driver's job for a new worker: how a job goes on after the driver's own worker was lost. */
export async function takeOver(store: Store, driver: Driver): Promise<LeaseRef> {
  const workerId = await registerWorker(store);
  const { type } = await driver.record();
  const { jobs } = await store.jobs.claim({ workerId, types: claimable(type), limit: 1 });
  return { id: driver.id, workerId, token: one(jobs).token };
}

/** Leases that look like `held`, which has token 2 or more, and are not. */
export function staleLeases(held: LeaseRef): readonly LeaseRef[] {
  return [
    { ...held, token: held.token - 1 },
    { ...held, token: held.token + 1 },
    { ...held, workerId: newId() },
    { ...held, id: newId() },
  ];
}
