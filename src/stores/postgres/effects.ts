// Keeps a job's cursor in the author's own PostgreSQL database, beside the author's rows. Invariant: every transaction of
// a job holds the job's lock and has seen its attempt's token in the table before anything else happens in it; so rows
// and cursor move together, and an attempt that was replaced changes nothing.
import type { Pool, PoolClient } from "pg";
import { PermanentError } from "../../domain/interruption.ts";
import type { Json } from "../../domain/job.ts";
import {
  type EffectsStep,
  type EffectsTarget,
  type Fence,
  FenceLost,
  type TargetPosition,
} from "../../ports/effects.ts";
import { runCallback } from "./callback.ts";
import { findOrCreateTable, refusedTable } from "./effects-table.ts";
import { heldByStranger, inTurn, type Place, RESTORE_PATIENCE } from "./job-lock.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";

export interface PostgresTargetOptions {
  /** The schema of the table `pawl_effects`. Default: where the role's `search_path` finds it, or else would create it. */
  readonly schema?: string;
}

// Served by the primary key, as are all statements here. Under the job's lock, so that no other attempt enters meanwhile.
// All runs of the job count: tokens grow across them, and attempts of earlier runs that may still be alive are fenced, too.
const enterSql = (table: string) => `
  WITH newest AS (SELECT coalesce(max(token), 0) AS token FROM ${table} WHERE job_id = $1),
  fenced AS (
    UPDATE ${table} SET token = $4 WHERE job_id = $1 AND run <> $2 AND (SELECT token FROM newest) <= $4
  )
  INSERT INTO ${table} AS mine (job_id, run, phase, token, seq, cursor)
  SELECT $1, $2, $3, $4, 0, 'null' WHERE (SELECT token FROM newest) <= $4
  ON CONFLICT (job_id, run) DO UPDATE SET
    token = excluded.token,
    cursor = CASE WHEN mine.phase = excluded.phase THEN mine.cursor ELSE 'null' END,
    phase = excluded.phase
  RETURNING mine.seq::text, mine.cursor`;

const MY_ROW = "job_id = $1 AND run = $2 AND phase = $3 AND token = $4 AND seq = $5";

// The row is locked in the inner statement, so that the waiting for it comes before the patience of the outer one.
const lockRowSql = (table: string) => `
  SELECT pg_current_xact_id()::text AS transaction, ${RESTORE_PATIENCE}
  FROM (SELECT FROM ${table} WHERE ${MY_ROW} FOR UPDATE) AS locked`;

// Finds no row in another transaction than the one that locked it.
const advanceSql = (table: string) => `
  UPDATE ${table} SET seq = $6, cursor = $7
  WHERE ${MY_ROW} AND pg_current_xact_id_if_assigned()::text = $8`;

/**
 * Makes a PostgreSQL database of your own a target of `job.effects` and `batch.commit`. At the first use it creates one
 * table there, `pawl_effects`, with one row per job and run, which stay as long as you keep them. The callback may be
 * async; what it gets is a client of your pool, inside a transaction that Pawl begins and ends. What the callback does
 * through anything but that client is no part of the transaction.
 *
 * An attempt that meets one which hangs in the middle of a transaction of the same job ends that one's database session.
 *
 * Rejects with a `PermanentError` of code `target_not_ready` when the role may not use or create the table, and with
 * `storage_full` when the server's disk is full; nothing was changed then. The pool needs an `error` listener of yours,
 * as every pool does.
 *
 * @example
 * const pool = new Pool({ connectionString: "postgres://localhost/crm" });
 * pool.on("error", (error) => console.error(error));
 * const crm = postgresTarget(pool);
 * // in a job:
 * await job.effects(crm, (tx) => tx.query("INSERT INTO contact VALUES ($1)", ["Ada"]));
 */
export function postgresTarget(pool: Pool, { schema }: PostgresTargetOptions = {}): EffectsTarget<PoolClient> {
  let found: Promise<string> | null = null;
  const findTable = (): Promise<string> => {
    found ??= findOrCreateTable(pool, schema).catch((error: unknown) => {
      found = null;
      throw error;
    });
    return found;
  };
  return {
    async enter(fence) {
      const table = await findTable();
      try {
        return await enter({ pool, table, fence });
      } catch (error) {
        throw await refusedTable(pool, schema, error);
      }
    },
    async commit<R>(fence: Fence, step: EffectsStep, work: (tx: PoolClient) => R): Promise<Awaited<R>> {
      return await commit({ pool, table: await findTable(), fence }, step, work);
    },
  };
}

async function enter(place: Place): Promise<TargetPosition> {
  const { table, fence } = place;
  // Whatever the role's default is: a statement after the lock has to see what was committed before it.
  return await inTurn(place, "BEGIN ISOLATION LEVEL READ COMMITTED", async ({ client }) => {
    const { rows } = await client
      .query(enterSql(table), [fence.jobId, fence.run, fence.phase, fence.token])
      .catch(explainLocked(place));
    if (rows.length === 0) throw new FenceLost(fence);
    return position(rows[0]);
  });
}

async function commit<R>(place: Place, step: EffectsStep, work: (tx: PoolClient) => R): Promise<Awaited<R>> {
  const { table, fence } = place;
  const { expectedSeq, next } = step;
  const mine = [fence.jobId, fence.run, fence.phase, fence.token, expectedSeq];
  return await inTurn(place, "BEGIN", async (checkout) => {
    const { client } = checkout;
    const locked = await client.query(lockRowSql(table), mine).catch(explainLocked(place));
    if (locked.rows.length === 0) throw new FenceLost(fence);
    const result = await runCallback(checkout, work);
    const transaction = text(locked.rows[0], "transaction");
    const moved = await client
      .query(advanceSql(table), [...mine, next.seq, JSON.stringify(next.cursor), transaction])
      .catch(explainAborted);
    if (moved.rowCount === 1) return result;
    throw new PermanentError(
      "The callback ended the transaction itself; what it did before that may be committed, and the job's cursor was not moved. Leave BEGIN, COMMIT and ROLLBACK to Pawl.",
      { code: "transaction_ended" },
    );
  });
}

function explainLocked(place: Place): (error: unknown) => never {
  return (error) => {
    throw sqlStateOf(error) === SQL_STATE.lockTimeout ? heldByStranger(place, error) : error;
  };
}

function explainAborted(cause: unknown): never {
  if (sqlStateOf(cause) !== SQL_STATE.transactionAborted) throw cause;
  throw new Error(
    "A statement of the callback failed and the callback went on; PostgreSQL undoes the whole transaction then. Let the error pass, or put what may fail behind a SAVEPOINT. Nothing was committed.",
    { cause },
  );
}

function position(row: unknown): TargetPosition {
  const seq = Number(text(row, "seq"));
  const cursor: Json = JSON.parse(text(row, "cursor"));
  return { seq, cursor };
}

function text(row: unknown, column: "cursor" | "seq" | "transaction"): string {
  const value = typeof row === "object" && row !== null && column in row ? Reflect.get(row, column) : undefined;
  if (typeof value !== "string") throw new TypeError(`The target answered no text in "${column}".`);
  return value;
}
