// Hands waiting jobs to workers, and tells them when time alone will make more claimable.
import type { ClaimableType, ClaimResult, JobStore } from "../../ports/store.ts";
import { changeOf } from "../sql/notifier.ts";
import { jobRecordOf, parseArray } from "../sql/rows.ts";
import { claimWithLimits, type LimitedClaim } from "./limited-claims.ts";
import * as sql from "./queries/claims.ts";
import type { StoreServices } from "./store-services.ts";

const isLimited = ({ concurrency, perKey }: ClaimableType): boolean => concurrency !== null || perKey !== null;

export function createClaims({ database, notifier, heldBack }: StoreServices): Pick<JobStore, "claim"> {
  return {
    async claim({ workerId, types, queues = null, limit }) {
      const names = [...new Set(types.map(({ name }) => name))];
      const limited = types.filter(isLimited).map(({ name }) => name);
      const [row] = await database.run(
        sql.claim,
        workerId,
        names,
        queues,
        Math.min(limit, sql.CLAIMED_AT_ONCE),
        limited,
      );
      const byName = new Map(types.map((type) => [type.name, type]));
      const answer: LimitedClaim =
        row?.limited === true
          ? await database.transaction((transaction) =>
              claimWithLimits(transaction, { workerId, types: byName, queues, limit, heldBack }),
            )
          : {
              alive: row?.alive === true,
              jobs: parseArray(row?.jobs),
              nextInMs: row?.next_in_ms == null ? null : Number(row.next_in_ms),
            };
      const jobs = answer.jobs.map(jobRecordOf);
      if (jobs.length > 0 && notifier.listening) notifier.publish({ kind: "changed", jobs: jobs.map(changeOf) });
      return claimed(answer, jobs);
    },
  };
}

const claimed = ({ alive, nextInMs }: LimitedClaim, jobs: ClaimResult["jobs"]): ClaimResult => ({
  kind: alive ? "claimed" : "worker_dead",
  jobs,
  nextInMs: alive ? nextInMs : null,
});
