// What a job remembers: results of steps, and its journal. Invariant: every write names worker and token, changes nothing
// when either is not the present one, and counts as progress.
import type { JournalStore, LeaseRef, StepStore } from "../../ports/store.ts";
import { integerOrNull, jobChangeOf, journalEntryOf, stepOf } from "../sql/rows.ts";
import type { Row } from "./database.ts";
import * as sql from "./queries/memory.ts";
import type { StoreServices } from "./store-services.ts";

const leaseOf = ({ id, workerId, token }: LeaseRef) => [id, workerId, token] as const;

/** Says what changed, and answers whether the lease was held. */
function heard({ notifier }: StoreServices, [row]: readonly Row[]): boolean {
  if (row?.change) notifier.publish({ kind: "changed", jobs: [jobChangeOf(row.change)] });
  return row !== undefined;
}

export function createStepStore(services: StoreServices): StepStore {
  const { database } = services;
  return {
    saveStep: async (lease, { name, result }) =>
      heard(services, await database.run(sql.saveStep, ...leaseOf(lease), name, JSON.stringify(result))),
    steps: async (jobId) => (await database.run(sql.steps, jobId)).map((row) => stepOf(row.step)),
  };
}

export function createJournalStore(services: StoreServices): JournalStore {
  const { database } = services;
  return {
    async append(lease, entries) {
      const texts = JSON.stringify(entries.map((entry) => JSON.stringify(entry)));
      return heard(services, await database.run(sql.append, ...leaseOf(lease), texts));
    },
    newest: async (jobId, { limit }) =>
      (await database.run(sql.newest, jobId, limit)).map((row) => journalEntryOf(row.entry)),
    size: async (jobId) => integerOrNull((await database.run(sql.size, jobId))[0], "size") ?? 0,
    remove: async (lease, seqs) =>
      heard(services, await database.run(sql.remove, ...leaseOf(lease), JSON.stringify(seqs))),
  };
}
