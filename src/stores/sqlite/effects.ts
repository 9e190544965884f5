// Keeps a job's cursor in the author's own SQLite database, beside the author's rows. Invariant: a transaction of an
// attempt changes the position first, and only if the attempt's token still stands there; so rows and cursor move
// together, and an attempt that was replaced changes nothing.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { storageFull } from "../../domain/errors.ts";
import type { Json } from "../../domain/job.ts";
import {
  type EffectsStep,
  type EffectsTarget,
  type Fence,
  FenceLost,
  type TargetPosition,
} from "../../ports/effects.ts";

/** Primary result code of SQLite for a full disk; extended codes keep it in their low byte. */
const SQLITE_FULL = 13;

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS pawl_effects (
    job_id TEXT NOT NULL,
    run INTEGER NOT NULL,
    phase TEXT NOT NULL,
    token INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    cursor TEXT NOT NULL,
    PRIMARY KEY (job_id, run)
  ) STRICT, WITHOUT ROWID`;

// Served by the primary key, as are the others. All runs of the job count: tokens grow across them.
const NEWEST_TOKEN = "SELECT coalesce(max(token), 0) AS token FROM pawl_effects WHERE job_id = ?";

// Fences the attempts of earlier runs that may still be alive.
const FENCE_EARLIER_RUNS = "UPDATE pawl_effects SET token = ? WHERE job_id = ? AND run <> ?";

const ENTER = `
  INSERT INTO pawl_effects (job_id, run, phase, token, seq, cursor) VALUES (?, ?, ?, ?, 0, 'null')
  ON CONFLICT (job_id, run) DO UPDATE SET
    token = excluded.token,
    cursor = CASE WHEN phase = excluded.phase THEN cursor ELSE 'null' END,
    phase = excluded.phase
  RETURNING seq, cursor`;

const ADVANCE = `
  UPDATE pawl_effects SET seq = ?, cursor = ?
  WHERE job_id = ? AND run = ? AND phase = ? AND token = ? AND seq = ?`;

interface Statements {
  readonly newestToken: StatementSync;
  readonly fenceEarlierRuns: StatementSync;
  readonly enter: StatementSync;
  readonly advance: StatementSync;
}

/**
 * Makes a SQLite database of your own a target of `job.effects` and `batch.commit`. It creates one table there,
 * `pawl_effects`, with one row per job and run, which stay as long as you keep them. What the callback gets is the
 * connection, inside a transaction; the callback must be synchronous and must leave the transaction open. The connection
 * must not be in a transaction of yours meanwhile. Rejects with `storage_full` when the disk is full; nothing was changed then.
 *
 * @example
 * const database = new DatabaseSync("contacts.db");
 * const contacts = sqliteTarget(database);
 * // in a job:
 * await job.effects(contacts, (tx) => tx.prepare("INSERT INTO contact VALUES (?)").run("Ada"));
 */
export function sqliteTarget(database: DatabaseSync): EffectsTarget<DatabaseSync> {
  let prepared: Statements | null = null;
  const statements = (): Statements => {
    prepared ??= prepare(database);
    return prepared;
  };
  return {
    async enter(fence) {
      const { newestToken, fenceEarlierRuns, enter } = statements();
      return inTransaction(database, () => {
        if (integer(newestToken.get(fence.jobId), "token") > fence.token) throw new FenceLost(fence);
        fenceEarlierRuns.run(fence.token, fence.jobId, fence.run);
        return position(enter.get(fence.jobId, fence.run, fence.phase, fence.token));
      });
    },
    async commit<R>(fence: Fence, step: EffectsStep, work: (tx: DatabaseSync) => R): Promise<Awaited<R>> {
      const { advance } = statements();
      return await inTransaction(database, () => {
        const { changes } = advance.run(
          step.next.seq,
          JSON.stringify(step.next.cursor),
          ...keyOf(fence),
          step.expectedSeq,
        );
        if (changes === 0) throw new FenceLost(fence);
        return synchronous(work(database));
      });
    },
  };
}

function prepare(database: DatabaseSync): Statements {
  database.exec(CREATE_TABLE);
  return {
    newestToken: database.prepare(NEWEST_TOKEN),
    fenceEarlierRuns: database.prepare(FENCE_EARLIER_RUNS),
    enter: database.prepare(ENTER),
    advance: database.prepare(ADVANCE),
  };
}

const keyOf = ({ jobId, run, phase, token }: Fence) => [jobId, run, phase, token] as const;

/** Runs `work` in a write transaction: all of it is committed, or nothing. */
function inTransaction<R>(database: DatabaseSync, work: () => R): R {
  if (database.isTransaction) {
    throw new Error(
      "The target's connection is already in a transaction. Commit it first, or give the target a connection of its own.",
    );
  }
  try {
    database.exec("BEGIN IMMEDIATE");
    const result = work();
    if (!database.isTransaction) {
      throw new Error(
        "The callback ended the transaction itself. Leave COMMIT and ROLLBACK to Pawl, which adds the job's cursor to it.",
      );
    }
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw isFull(error) ? storageFull("the target of the job's effects", error) : error;
  }
}

/** Refuses a promise: what it still does would land after the commit, outside the transaction. */
function synchronous<R>(result: R): R {
  if (typeof result !== "object" || result === null || !("then" in result) || typeof result.then !== "function")
    return result;
  Promise.resolve(result).catch(() => {}); // its own failure is not news any more
  throw new TypeError(
    "The callback of a SQLite target must be synchronous, but it returned a promise. Nothing was committed. Await before it, not in it.",
  );
}

function isFull(error: unknown): boolean {
  return (
    error instanceof Error &&
    "errcode" in error &&
    typeof error.errcode === "number" &&
    (error.errcode & 0xff) === SQLITE_FULL
  );
}

function position(row: Record<string, unknown> | undefined): TargetPosition {
  const cursor = row?.cursor;
  if (typeof cursor !== "string") throw new TypeError("The table pawl_effects holds no cursor where one must be.");
  const value: Json = JSON.parse(cursor);
  return { seq: integer(row, "seq"), cursor: value };
}

function integer(row: Record<string, unknown> | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== "number") throw new TypeError(`The table pawl_effects holds no number in "${column}".`);
  return value;
}
