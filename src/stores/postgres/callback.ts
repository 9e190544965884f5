// Runs an author's callback with a client that is theirs only inside the transaction. Invariant: when the callback has
// returned, none of its statements is under way and none can follow, so that nothing of it lands outside the transaction.
import type { PoolClient } from "pg";
import type { Checkout } from "./transaction.ts";

/** Statements that begin or end a transaction. Going back to a savepoint does not. */
const TRANSACTION_CONTROL =
  /^\s*(?:abort|begin|commit|end|prepare\s+transaction|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b)|start\s+transaction)\b/i;

/** Runs `work`. When it leaves a statement open, the connection is closed and the transaction with it. */
export async function runCallback<R>(checkout: Checkout, work: (tx: PoolClient) => R): Promise<Awaited<R>> {
  const guarded = guard(checkout.client);
  try {
    const result = await work(guarded.tx);
    if (guarded.isIdle()) return result;
  } catch (error) {
    if (!guarded.isIdle()) checkout.discard();
    throw error;
  } finally {
    guarded.close();
  }
  checkout.discard();
  throw new Error(
    "The callback returned while a statement of its own was still open. Await every query, and close cursors and streams before you return. Nothing was committed.",
  );
}

interface GuardedClient {
  readonly tx: PoolClient;
  /** Every statement that was begun through `tx` has ended. */
  isIdle(): boolean;
  close(): void;
}

function guard(client: PoolClient): GuardedClient {
  let open = true;
  let idle = true;
  const nowIdle = () => {
    idle = true;
  };
  // The driver emits it when its last statement has ended, before the promise of that statement resolves.
  client.on("drain", nowIdle);

  const query = (...args: readonly unknown[]): unknown => {
    if (!open)
      throw new Error("This transaction has ended. Await every query inside the callback that got the client.");
    refuseTransactionControl(args[0]);
    idle = false;
    const result: unknown = Reflect.apply(client.query, client, args);
    // A refused statement has ended, although the server's last word on it may still be under way.
    if (result instanceof Promise) result.catch(nowIdle);
    return result;
  };
  const refuse = () => {
    throw new Error("The client belongs to Pawl, which gives it back after the transaction. Leave that out.");
  };
  const replaced: Readonly<Record<PropertyKey, unknown>> = { query, release: refuse, end: refuse };
  const tx = new Proxy(client, {
    get(target, key) {
      if (Object.hasOwn(replaced, key)) return replaced[key];
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    tx,
    isIdle: () => idle,
    close() {
      open = false;
      client.off("drain", nowIdle);
    },
  };
}

function refuseTransactionControl(query: unknown): void {
  const text = typeof query === "object" && query !== null && "text" in query ? query.text : query;
  if (typeof text !== "string" || !TRANSACTION_CONTROL.test(text)) return;
  throw new Error(
    `The callback tried to run "${text.trim().slice(0, 40)}". Leave BEGIN, COMMIT and ROLLBACK to Pawl, which adds the job's cursor to the transaction; savepoints are yours.`,
  );
}
