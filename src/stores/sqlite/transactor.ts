// Runs calls in transactions: all that wait go together, urgent ones first, for about 5 ms at a time.
// Invariants: nobody is answered before the commit; a call that fails takes none of the others with it.
import type { DatabaseSync } from "node:sqlite";
import { toFailure } from "./failures.ts";
import type { Call, Moment, Reply, Request } from "./protocol.ts";
import type { QueueCounts } from "./queue-counts.ts";

/** After this much work a transaction commits, so that what arrives meanwhile does not wait long. In ns. */
const TRANSACTION_NS = 5_000_000n;

export interface Transactor {
  accept(request: Request): void;
  readonly idle: boolean;
  /** Runs one transaction over calls that wait, and answers all that were in it. */
  run(): Reply[];
}

export interface TransactorOptions {
  readonly db: DatabaseSync;
  readonly operations: Readonly<Record<string, unknown>>;
  readonly counts: QueueCounts;
  readonly begin: "BEGIN IMMEDIATE" | "BEGIN";
}

export function createTransactor({ db, operations, counts, begin }: TransactorOptions): Transactor {
  const urgent: Call[] = [];
  const bulk: Call[] = [];
  let moment: Moment = { now: 0, monotonic: 0 };
  const beginStatement = db.prepare(begin);
  const commitStatement = db.prepare("COMMIT");

  function execute(call: Call): Reply {
    const operation = operations[call.operation];
    if (typeof operation !== "function") throw new Error(`There is no operation "${call.operation}".`);
    return [call.id, true, String(Reflect.apply(operation, undefined, [moment, ...call.args]))];
  }

  function commit(): void {
    commitStatement.run();
    counts.commit();
  }

  function rollback(): void {
    counts.rollback();
    if (db.isTransaction) db.exec("ROLLBACK");
  }

  function runAlone(call: Call): Reply {
    try {
      beginStatement.run();
      const reply = execute(call);
      commit();
      return reply;
    } catch (error) {
      rollback();
      const { code, message } = toFailure(error);
      return [call.id, false, code, message];
    }
  }

  return {
    accept(request) {
      moment = { now: request.now, monotonic: request.monotonic };
      (request.bulk ? bulk : urgent).push(...request.calls);
    },
    get idle() {
      return urgent.length === 0 && bulk.length === 0;
    },
    run() {
      const taken: Call[] = [];
      const replies: Reply[] = [];
      const until = process.hrtime.bigint() + TRANSACTION_NS;
      let bulkTaken = false;
      const nextBulk = (): Call | undefined => {
        bulkTaken = true;
        return bulk.shift();
      };
      // One bulk call may come late: a stream of urgent ones must not keep them out for ever.
      const next = (): Call | undefined => {
        const late = taken.length > 0 && process.hrtime.bigint() > until;
        if (late) return bulkTaken ? undefined : nextBulk();
        return urgent.shift() ?? nextBulk();
      };
      try {
        for (let call = next(); call; call = next()) {
          taken.push(call);
          if (taken.length === 1) beginStatement.run();
          replies.push(execute(call));
        }
        commit();
        return replies;
      } catch {
        rollback();
        return taken.map(runAlone);
      }
    },
  };
}
