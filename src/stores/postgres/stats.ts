// Figures about all jobs, and the fold that keeps them small.
import type { StatsStore } from "../../ports/store.ts";
import { jobCountOf, minuteFiguresOf, waitingJobOf } from "../sql/operator-rows.ts";
import { integerOf } from "../sql/rows.ts";
import type { Database } from "./database.ts";
import * as fold from "./queries/counts.ts";
import * as sql from "./queries/stats.ts";

export function createStatsStore(database: Database): StatsStore {
  return {
    counts: async () => (await database.run(sql.counts)).map((row) => jobCountOf(row.count)),
    throughput: async ({ minutes }) =>
      (await database.run(sql.throughput, minutes)).map((row) => minuteFiguresOf(row.minute)),
    async oldestWaiting() {
      const [row] = await database.run(sql.oldestWaiting);
      return row === undefined ? null : waitingJobOf(row.job);
    },
  };
}

/** Changes that one statement folds. */
const FOLDED_AT_ONCE = 20_000;

/** Adds the changes since the last time to the counts. Somebody else may be doing it: then nothing is to do. */
export async function foldCounts(database: Database, schema: string): Promise<void> {
  for (let more = true; more; ) {
    more = await database.transaction(async (transaction) => {
      const [lock] = await transaction.run(fold.lockFold, schema);
      if (lock?.mine !== true) return false;
      const [row] = await transaction.run(fold.fold, FOLDED_AT_ONCE);
      await transaction.run(fold.dropZeros);
      return integerOf(row, "taken") === FOLDED_AT_ONCE;
    });
  }
}
