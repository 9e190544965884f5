// The roles of what a job remembers, over the writer's thread: steps and journal.
import type { JournalStore, LeaseRef, StepStore } from "../../ports/store.ts";
import type { LocalNotifier } from "../sql/notifier.ts";
import { jobChangeOf, journalEntryOf, parseArray, stepOf } from "../sql/rows.ts";
import type { Connection } from "./connection.ts";

export interface MemoryOptions {
  readonly writer: Connection;
  readonly notifier: LocalNotifier;
}

const leaseOf = ({ id, workerId, token }: LeaseRef) => [id, workerId, token] as const;

/** Says what changed, and answers whether the lease was held. */
function heard(notifier: LocalNotifier, answer: string): boolean {
  const [held, changes] = parseArray(JSON.parse(answer), 2);
  const jobs = parseArray(changes).map(jobChangeOf);
  if (jobs.length > 0) notifier.publish({ kind: "changed", jobs });
  return held === true;
}

export function createStepStore({ writer, notifier }: MemoryOptions): StepStore {
  return {
    async saveStep(lease, { name, result }) {
      return heard(notifier, await writer.call("saveStep", name, JSON.stringify(result), ...leaseOf(lease)));
    },
    async steps(jobId) {
      return parseArray(JSON.parse(await writer.call("steps", jobId))).map(stepOf);
    },
  };
}

export function createJournalStore({ writer, notifier }: MemoryOptions): JournalStore {
  return {
    async append(lease, entries) {
      const texts = JSON.stringify(entries.map((entry) => JSON.stringify(entry)));
      return heard(notifier, await writer.call("appendEntries", texts, entries.length, ...leaseOf(lease)));
    },
    async newest(jobId, { limit }) {
      return parseArray(JSON.parse(await writer.call("newestEntries", jobId, limit))).map(journalEntryOf);
    },
    async size(jobId) {
      return Number(await writer.call("journalSize", jobId));
    },
    async remove(lease, seqs) {
      return heard(notifier, await writer.call("removeEntries", JSON.stringify(seqs), ...leaseOf(lease)));
    },
  };
}
