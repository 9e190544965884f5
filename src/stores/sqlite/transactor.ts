// Runs calls in transactions: all that wait go together, for about 5 ms at a time.
// Invariants: nobody is answered before the commit; a call that fails takes none of the others with it.
import type { DatabaseSync } from "node:sqlite";
import { createCallQueue } from "./call-queue.ts";
import { toFailure } from "./failures.ts";
import type { Answers, Call, Moment, Reply, Request } from "./protocol.ts";

/** After this much work a transaction commits, so that what arrives meanwhile does not wait long. In ns. */
const TRANSACTION_NS = 5_000_000n;

export interface Transactor {
  accept(request: Request): void;
  readonly idle: boolean;
  /** Runs one transaction over calls that wait, and answers all that were in it. */
  run(): Answers;
}

/** What operations keep in memory beside the database, and that must go the way of their transaction. */
export interface TransactionMemory {
  /** Writes what belongs into the database: the last thing before a commit. */
  store(now: number): void;
  commit(): void;
  rollback(): void;
  /** Whether a lease that a claim waits for has ended in what was committed since this was asked last. */
  takeReleased(): boolean;
}

export interface TransactorOptions {
  readonly db: DatabaseSync;
  readonly operations: Readonly<Record<string, unknown>>;
  readonly memory: TransactionMemory;
  readonly begin: "BEGIN IMMEDIATE" | "BEGIN";
}

export function createTransactor(options: TransactorOptions): Transactor {
  const { operations, memory } = options;
  const transaction = createTransaction(options);
  const queue = createCallQueue();
  let moment: Moment = { now: 0, monotonic: 0 };

  function execute(call: Call): Reply {
    const operation = operations[call.operation];
    if (typeof operation !== "function") throw new Error(`There is no operation "${call.operation}".`);
    return [call.id, true, String(Reflect.apply(operation, undefined, [moment, ...call.args]))];
  }

  function runAlone(call: Call): Reply {
    try {
      transaction.begin();
      const reply = execute(call);
      transaction.commit(moment.now);
      return reply;
    } catch (error) {
      transaction.rollback();
      const { code, message } = toFailure(error);
      return [call.id, false, code, message];
    }
  }

  function runTogether(taken: Call[]): Reply[] {
    const replies: Reply[] = [];
    const until = process.hrtime.bigint() + TRANSACTION_NS;
    queue.restart();
    for (let call = queue.next(false); call; call = queue.next(process.hrtime.bigint() > until)) {
      taken.push(call);
      if (taken.length === 1) transaction.begin();
      replies.push(execute(call));
    }
    transaction.commit(moment.now);
    return replies;
  }

  function runAll(): Reply[] {
    const taken: Call[] = [];
    try {
      return runTogether(taken);
    } catch {
      // Whichever it was, it is found when each runs by itself.
      transaction.rollback();
      return taken.map(runAlone);
    }
  }

  return {
    accept(request) {
      moment = { now: request.now, monotonic: request.monotonic };
      queue.push(request.calls);
    },
    get idle() {
      return queue.empty;
    },
    run() {
      const replies = runAll();
      return { replies, released: memory.takeReleased() };
    },
  };
}

function createTransaction({ db, memory, begin }: TransactorOptions) {
  const beginStatement = db.prepare(begin);
  const commitStatement = db.prepare("COMMIT");
  return {
    begin: () => void beginStatement.run(),
    commit(now: number) {
      memory.store(now);
      commitStatement.run();
      memory.commit();
    },
    // Some failures, as that of a full disk, have rolled back already.
    rollback() {
      memory.rollback();
      if (db.isTransaction) db.exec("ROLLBACK");
    },
  };
}
