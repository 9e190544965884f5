// One transaction of a job at a time. Whoever holds the job's lock and does not get on - frozen, or gone with a machine
// whose connection the server still believes in - is ended by the attempt that comes after it, so that no job waits for
// the dead. Invariant: nobody ends the session of an attempt that has replaced theirs.
import { createHash } from "node:crypto";
import type { Pool } from "pg";
import { type Fence, FenceLost } from "../../ports/effects.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";
import { type Checkout, inTransaction } from "./transaction.ts";

/** An attempt, and the table in which it has its row. */
export interface Place {
  readonly pool: Pool;
  /** With its schema, quoted. */
  readonly table: string;
  readonly fence: Fence;
}

/** How long an attempt waits for another one of its job to finish a transaction, before it ends that one's session. */
const YIELD_MS = 1_000;
/** How often it does so. Once is enough, unless the server itself does not get on. */
const ROUNDS = 3;

/** Gives a statement of the transaction the patience back that it had before. */
export const RESTORE_PATIENCE = "set_config('lock_timeout', current_setting('pawl.lock_timeout'), true)";

// Served by the primary key. Ends the session that holds the lock, unless a newer attempt has entered.
const evictSql = (table: string) => `
  WITH newer AS (SELECT FROM ${table} WHERE job_id = $1 AND token > $2)
  SELECT EXISTS (SELECT FROM newer) AS replaced, ARRAY(
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND (classid::bigint << 32 | objid::bigint) = $3
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND NOT EXISTS (SELECT FROM newer)
  ) AS ended`;

/**
 * Runs `begin`, takes the job's lock, and runs `work`, in one transaction that waits for no lock longer than `YIELD_MS`.
 * Rejects with `FenceLost` when it waited in vain for an attempt that has replaced this one.
 */
export async function inTurn<R>(place: Place, begin: string, work: (checkout: Checkout) => Promise<R>): Promise<R> {
  for (let round = 1; ; round += 1) {
    let locked = false;
    try {
      return await inTransaction(place.pool, `${begin}; ${lockSql(place)}`, (checkout) => {
        locked = true;
        return work(checkout);
      });
    } catch (error) {
      if (locked || sqlStateOf(error) !== SQL_STATE.lockTimeout) throw error;
      if (round === ROUNDS) throw heldByStranger(place, error);
      await evict(place);
    }
  }
}

/** The error of a row that is locked although the job's lock is not: for a statement that failed with `lockTimeout`. */
export function heldByStranger({ table, fence }: Place, cause: unknown): Error {
  return new Error(
    `A session that belongs to no earlier attempt, or does not end, locks job ${fence.jobId} in ${table}. End its transaction.`,
    { cause },
  );
}

// The key was computed here, so it can stand in the statement; all of it is one message to the server.
function lockSql(place: Place): string {
  return `
    SELECT set_config('pawl.lock_timeout', current_setting('lock_timeout'), true);
    SET LOCAL lock_timeout = ${YIELD_MS};
    SELECT pg_advisory_xact_lock(${lockKey(place)})`;
}

function lockKey({ table, fence }: Place): bigint {
  return createHash("sha256").update(`${table} ${fence.jobId}`).digest().readBigInt64BE();
}

async function evict(place: Place): Promise<void> {
  const { pool, table, fence } = place;
  try {
    const { rows } = await pool.query(evictSql(table), [fence.jobId, fence.token, String(lockKey(place))]);
    if (rows[0]?.replaced !== false) throw new FenceLost(fence);
  } catch (cause) {
    if (sqlStateOf(cause) !== SQL_STATE.notAllowed) throw cause;
    throw new Error(
      `Another attempt of job ${fence.jobId} locks it in the target and does not get on, and this role may not end that session. Let all workers connect as the same role, or end the session by hand.`,
      { cause },
    );
  }
}
