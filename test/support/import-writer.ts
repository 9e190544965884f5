// Changes of a data store as jobs make them: each in a transaction of the target, by an attempt that entered it.
import { randomUUID } from "node:crypto";
import type { DataStore, ImportWriter } from "../../src/jobs/data/data-store.ts";

/** Runs `work` in a transaction, as an attempt of a job that nobody else has. */
export async function changeData<R>({ target }: DataStore, work: (imports: ImportWriter) => R): Promise<Awaited<R>> {
  const fence = { jobId: randomUUID(), run: 1, phase: "forward", token: 1 } as const;
  await target.enter(fence);
  return await target.commit(fence, { expectedSeq: 0, next: { seq: 1, cursor: null } }, work);
}
