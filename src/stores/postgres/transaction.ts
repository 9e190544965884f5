// A transaction on a client of somebody's pool. Invariant: the client goes back to the pool with no transaction open, or,
// where that cannot be known, it is closed; and nobody is told "not committed" when that is not known.
import type { Pool, PoolClient } from "pg";
import { storageFull } from "../../domain/errors.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";

/** A client while it is out of its pool. */
export interface Checkout {
  readonly client: PoolClient;
  /** Closes the connection, which rolls back what is open: for a client whose state nobody knows. */
  discard(): void;
}

/**
 * Runs `begin`, then `work`, then COMMIT. What `work` throws rolls all of it back. When the connection breaks during the
 * COMMIT, the error says that the outcome is not known.
 */
export async function inTransaction<R>(
  pool: Pool,
  begin: string,
  work: (checkout: Checkout) => Promise<R>,
): Promise<R> {
  const checkout = await checkOut(pool);
  const { client } = checkout;
  let committing = false;
  try {
    await client.query(begin);
    const result = await work(checkout);
    committing = true;
    await client.query("COMMIT");
    checkout.giveBack();
    return result;
  } catch (error) {
    const rolledBack = await checkout.rollBack();
    if (committing && !rolledBack) throw outcomeUnknown(error);
    throw sqlStateOf(error) === SQL_STATE.diskFull ? storageFull("the target of the job's effects", error) : error;
  }
}

interface OwnedCheckout extends Checkout {
  giveBack(): void;
  /** Answers whether the server has confirmed it; the connection is closed where it has not. */
  rollBack(): Promise<boolean>;
}

async function checkOut(pool: Pool): Promise<OwnedCheckout> {
  const client = await pool.connect();
  // A connection that breaks fails the query under way; without a listener its event would end the process, too.
  const listen = () => {};
  client.on("error", listen);
  let out = true;
  const release = (broken: boolean) => {
    if (!out) return;
    out = false;
    client.release(broken);
    client.off("error", listen);
  };
  return {
    client,
    discard: () => release(true),
    giveBack: () => release(false),
    async rollBack() {
      if (!out) return false;
      const confirmed = await client.query("ROLLBACK").then(
        () => true,
        () => false,
      );
      release(!confirmed);
      return confirmed;
    },
  };
}

function outcomeUnknown(cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `The connection to the target broke during COMMIT (${why}), so it is not known whether the transaction took place. Let this error pass: the job's next attempt reads in the target where it stands.`,
    { cause },
  );
}
