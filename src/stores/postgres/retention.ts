// Deletes what is kept no longer, a bounded piece a call.
// Invariant: nothing unfinished goes, and no failed rollback: the deleting statement looks at the state itself.
import type { Pruned, PruneRule, RetentionStore } from "../../ports/store.ts";
import { integerOf, textOf } from "../sql/rows.ts";
import type { Database, Row } from "./database.ts";
import * as sql from "./queries/retention.ts";
import { forgetKeys, forgetWindows } from "./queries/submits.ts";
import { PRUNABLE_STATES, type RemovedJobs, removeJobs } from "./removal.ts";
import type { StoreServices } from "./store-services.ts";

/** Jobs that are deleted at once, and rows after which a call ends: of jobs with long journals few fit into one. */
const AT_ONCE = 20;
const REMOVED_ROWS = 10_000;
/** Rows that are forgotten at once, of each kind. */
const FORGOTTEN_AT_ONCE = 2_000;

const NOTHING: Pruned = { jobs: 0, fileIds: [], more: false };

export function createRetentionStore({ database, notifier }: StoreServices): RetentionStore {
  return {
    async prune(rule) {
      if (!PRUNABLE_STATES.includes(rule.state)) return NOTHING;
      const aged = await removeSome(database, await findAged(database, rule));
      const counted = await removeSome(database, await findBeyond(database, rule, rule.limit - aged.jobs));
      if (aged.changes.length + counted.changes.length > 0)
        notifier.publish({ kind: "changed", jobs: [...aged.changes, ...counted.changes] });
      const jobs = aged.jobs + counted.jobs;
      return {
        jobs,
        fileIds: [...aged.fileIds, ...counted.fileIds],
        more: aged.more || counted.more || jobs >= rule.limit,
      };
    },
    async pruneUploads({ ageMs, limit }) {
      return (await database.run(sql.removeUploads, Math.round(ageMs), limit)).map((row) => textOf(row, "id"));
    },
    async pruneExpired() {
      await database.run(sql.forgetMinutes);
      for (const statement of [forgetKeys, forgetWindows]) {
        while ((await database.run(statement, FORGOTTEN_AT_ONCE)).length === FORGOTTEN_AT_ONCE);
      }
    },
  };
}

const numbersOf = (rows: readonly Row[]): readonly number[] => rows.map((row) => integerOf(row, "n"));

async function findAged(database: Database, { state, maxAgeMs, limit }: PruneRule): Promise<readonly number[]> {
  return maxAgeMs === null ? [] : numbersOf(await database.run(sql.aged, state, Math.round(maxAgeMs), limit));
}

async function findBeyond(
  database: Database,
  { state, maxCount }: PruneRule,
  limit: number,
): Promise<readonly number[]> {
  if (maxCount === null || limit <= 0) return [];
  const excess = integerOf((await database.run(sql.inState, state))[0], "jobs") - maxCount;
  return excess <= 0 ? [] : numbersOf(await database.run(sql.oldest, state, Math.min(excess, limit)));
}

interface Removed extends Omit<RemovedJobs, "rows"> {
  readonly jobs: number;
  readonly more: boolean;
}

/** Deletes in the given order until that is enough for one call. */
async function removeSome(database: Database, numbers: readonly number[]): Promise<Removed> {
  const pieces: RemovedJobs[] = [];
  let rows = 0;
  let from = 0;
  for (; from < numbers.length && rows < REMOVED_ROWS; from += AT_ONCE) {
    const some = numbers.slice(from, from + AT_ONCE);
    const piece = await database.transaction((transaction) => removeJobs(transaction, some, PRUNABLE_STATES));
    pieces.push(piece);
    rows += piece.rows;
  }
  const changes = pieces.flatMap((piece) => piece.changes);
  return {
    changes,
    fileIds: pieces.flatMap((piece) => piece.fileIds),
    jobs: changes.length,
    more: from < numbers.length,
  };
}
