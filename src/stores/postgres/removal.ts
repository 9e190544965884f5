// Deletes final jobs with everything of them.
// Invariant: the statement that deletes looks at the state itself: nothing unfinished goes, whoever asks.
import { FINAL_STATES, type State } from "../../domain/lifecycle.ts";
import type { JobChange } from "../../ports/notifier.ts";
import type { JobStore } from "../../ports/store.ts";
import { integerOf, jobChangeOf, jobRecordOf, textOf } from "../sql/rows.ts";
import type { Transaction } from "./database.ts";
import * as sql from "./queries/removal.ts";
import { isStorable } from "./storable.ts";
import type { StoreServices } from "./store-services.ts";

/** States in which a job may go without anybody asking for this very job. */
export const PRUNABLE_STATES: readonly State[] = FINAL_STATES.filter((state) => state !== "rollback_failed");

export interface RemovedJobs {
  readonly changes: readonly JobChange[];
  /** Files that are nobody's now. */
  readonly fileIds: readonly string[];
  /** Rows that went, as a measure of the work. */
  readonly rows: number;
}

/** Deletes those jobs, by row number, that are in one of the states. */
export async function removeJobs(
  transaction: Transaction,
  numbers: readonly number[],
  states: readonly State[],
): Promise<RemovedJobs> {
  const gone = await transaction.run(sql.removeJobs, JSON.stringify(numbers), JSON.stringify(states));
  if (gone.length === 0) return { changes: [], fileIds: [], rows: 0 };
  const ids = JSON.stringify(gone.map((row) => textOf(row, "id")));
  await transaction.run(sql.removeFileUsers, ids);
  await transaction.run(sql.passFilesOn, ids);
  const files = await transaction.run(sql.removeJobFiles, ids);
  return {
    changes: gone.map((row) => ({ ...jobChangeOf(row.change), removed: true })),
    fileIds: files.map((row) => textOf(row, "id")),
    rows: gone.length + integerOf(gone[0], "rows"),
  };
}

export function createRemoval({ database, notifier }: StoreServices): Pick<JobStore, "remove"> {
  return {
    async remove(id, { force }) {
      if (!isStorable(id)) return { kind: "missing" };
      const [row] = await database.run(sql.removable, id);
      if (row === undefined) return { kind: "missing" };
      const states = force ? FINAL_STATES : PRUNABLE_STATES;
      const removed = await database.transaction((transaction) =>
        removeJobs(transaction, [integerOf(row, "n")], states),
      );
      if (removed.changes.length === 0) return { kind: "refused", job: jobRecordOf(row.record) };
      notifier.publish({ kind: "changed", jobs: removed.changes });
      return { kind: "removed", fileIds: removed.fileIds };
    },
  };
}
