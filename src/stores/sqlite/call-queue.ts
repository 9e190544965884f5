// The order in which waiting calls run: as they arrived, except that submits, which come in bulk, go last.
// Invariant: the calls of one attempt are never bulk, so they keep their order; and bulk calls are never kept out for ever.
import type { Call } from "./protocol.ts";

/** The operations that may wait behind all others. */
const BULK: ReadonlySet<string> = new Set(["insert", "insertTogether"]);

export interface CallQueue {
  push(calls: readonly Call[]): void;
  readonly empty: boolean;
  /**
   * The next call of a transaction, or nothing when it should commit. When it is `late`, only a bulk call may still
   * come in, and only as the transaction's first bulk call: a stream of urgent calls must let some through.
   */
  next(late: boolean): Call | undefined;
  /** Begins to count for another transaction. */
  restart(): void;
}

export function createCallQueue(): CallQueue {
  const urgent: Call[] = [];
  const bulk: Call[] = [];
  let bulkTaken = false;

  function nextBulk(): Call | undefined {
    bulkTaken = true;
    return bulk.shift();
  }

  return {
    push(calls) {
      for (const call of calls) (BULK.has(call.operation) ? bulk : urgent).push(call);
    },
    get empty() {
      return urgent.length === 0 && bulk.length === 0;
    },
    next(late) {
      if (late) return bulkTaken ? undefined : nextBulk();
      return urgent.shift() ?? nextBulk();
    },
    restart() {
      bulkTaken = false;
    },
  };
}
