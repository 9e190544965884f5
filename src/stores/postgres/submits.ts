// Submits that are made together. Invariant: they are there all or none, and with them the key that makes it repeatable.
import { invalidRequest } from "../../domain/errors.ts";
import type { Idempotency, InsertTogetherResult, JobStore, NewJob } from "../../ports/store.ts";
import { integerOf, parseTexts, textOf } from "../sql/rows.ts";
import type { Session } from "./database.ts";
import { insertFitting } from "./fitting.ts";
import type { Outcome } from "./members.ts";
import * as sql from "./queries/submits.ts";
import type { StoreServices } from "./store-services.ts";

/** Rolls back what was inserted so far, and says why. */
export class Refused extends Error {
  readonly result: InsertTogetherResult;

  constructor(result: InsertTogetherResult) {
    super("Not all members could be inserted.");
    this.result = result;
  }
}

export function createTogether(
  { database }: StoreServices,
  publish: (outcomes: readonly Outcome[]) => void,
): JobStore["insertTogether"] {
  return async (jobs, { idempotency }) => {
    refuseDeduplication(jobs);
    try {
      const { result, outcomes } = await database.transaction((transaction) =>
        insertAll(transaction, jobs, { idempotency, insert: (members) => insertFitting(transaction, members) }),
      );
      publish(outcomes);
      return result;
    } catch (error) {
      if (error instanceof Refused) return error.result;
      throw error;
    }
  };
}

export function refuseDeduplication(jobs: readonly NewJob[]): void {
  if (jobs.every((job) => job.dedupe === null)) return;
  throw invalidRequest("Jobs that are submitted together cannot be deduplicated. Submit them one by one.");
}

export interface Together {
  readonly result: InsertTogetherResult;
  readonly outcomes: readonly Outcome[];
}

interface TogetherOptions {
  readonly idempotency: Idempotency | null;
  readonly insert: (jobs: readonly NewJob[]) => Promise<readonly Outcome[]>;
}

/** Throws `Refused` when a member cannot be inserted: whatever was inserted then is to be rolled back. */
export async function insertAll(
  session: Session,
  jobs: readonly NewJob[],
  { idempotency: once, insert }: TogetherOptions,
): Promise<Together> {
  const used = once && (await replay(session, once));
  if (used) return { result: used, outcomes: [] };
  const outcomes = await insert(jobs);
  const index = outcomes.findIndex(({ result }) => result.kind !== "inserted");
  const refused = outcomes[index];
  if (refused) throw new Refused({ kind: "refused", index, result: refused.result });
  const first = outcomes[0]?.result;
  const at = first?.kind === "inserted" ? first.at : integerOf((await session.run(sql.now))[0], "now");
  if (once) {
    const ids = JSON.stringify(jobs.map(({ id }) => id));
    await session.run(sql.useKey, once.caller, once.key, once.digest, ids, Math.round(once.keepMs));
  }
  return { result: { kind: "inserted", at }, outcomes };
}

/** What the key was used for. Whoever uses it at the same time waits here. */
async function replay(session: Session, once: Idempotency): Promise<InsertTogetherResult | null> {
  await session.run(sql.lockKey, once.caller, once.key);
  const [row] = await session.run(sql.usedKey, once.caller, once.key);
  if (row === undefined) return null;
  if (textOf(row, "digest") !== once.digest) return { kind: "idempotency_conflict" };
  return { kind: "replayed", ids: parseTexts(textOf(row, "job_ids")) };
}
