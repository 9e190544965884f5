// A transaction of a caller's, on the caller's own connection. Nothing is prepared there, nothing of the session is set, and
// one submit at a time uses it. Invariant: nothing is written unless the transaction is open, and in this very schema.
import { invalidRequest, PawlError } from "../../domain/errors.ts";
import type { TransactionClient } from "../../ports/transaction.ts";
import { parseArray, textOf } from "../sql/rows.ts";
import { inSchema, type Session, type Value } from "./database.ts";
import { enter } from "./queries/insertions.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";

export interface CallerSession extends Session {
  /** Rejects with `invalid_request` unless the transaction is open and in this schema. */
  enter(): Promise<void>;
  /** Runs a statement that checks the same by itself: $1 is the schema's id. Answers its list `inserted`. */
  guarded(statement: string, ...values: readonly string[]): Promise<readonly unknown[]>;
  /** Undoes what `work` wrote when it rejects; the transaction can go on. */
  undoable<R>(work: () => Promise<R>): Promise<R>;
}

export interface CallerSessionOptions {
  readonly client: TransactionClient;
  readonly schema: string;
  /** Tells the schema from others of its name. */
  readonly schemaId: string;
}

export function createCallerSession({ client, schema, schemaId }: CallerSessionOptions): CallerSession {
  async function send(text: string, values: readonly Value[] = []) {
    try {
      return (await client.query(text, [...values])).rows;
    } catch (error) {
      throw explained(error, schema);
    }
  }

  const run: Session["run"] = (statement, ...values) => send(inSchema(statement, schema), values);

  async function ask(statement: string, values: readonly string[]) {
    const [row] = await run(statement, ...values);
    const { here, inside, inserted = [] } = JSON.parse(textOf(row, "answer"));
    return { here: here === true, inside: inside === true, inserted: parseArray(inserted) };
  }

  async function guarded(statement: string, ...values: readonly string[]): Promise<readonly unknown[]> {
    let answer = await ask(statement, [schemaId, ...values]);
    if (answer.here && !answer.inside) answer = await ask(statement, [schemaId, ...values]);
    if (!answer.here) throw otherStore(schema);
    if (!answer.inside) throw notBegun();
    return answer.inserted;
  }

  return {
    run,
    guarded,
    enter: async () => void (await guarded(enter)),
    async undoable(work) {
      await send("SAVEPOINT pawl_submit");
      try {
        const result = await work();
        await send("RELEASE SAVEPOINT pawl_submit");
        return result;
      } catch (error) {
        // Where the connection is gone, so is the transaction.
        await send("ROLLBACK TO SAVEPOINT pawl_submit").then(
          () => send("RELEASE SAVEPOINT pawl_submit"),
          () => {},
        );
        throw error;
      }
    },
  };
}

const notBegun = () =>
  invalidRequest(
    "The client that was given as tx is not in a transaction: nothing was stored. Say BEGIN on it first, and pass that very " +
      "client; a pool runs each statement on another one.",
  );

const otherStore = (schema: string) =>
  invalidRequest(
    `The schema "${schema}" in the database of tx is not the one of this store, but another of the same name: nothing was ` +
      "stored. Begin the transaction in the database that the store was opened with.",
  );

/** What a failed statement means. It has aborted the transaction; any error but these is the caller's to judge, as it is. */
function explained(error: unknown, schema: string): unknown {
  switch (sqlStateOf(error)) {
    case SQL_STATE.noSuchSchema:
    case SQL_STATE.noSuchTable:
      return refused(
        `The database of tx has no schema "${schema}" with the jobs of this store. Roll back, and begin the transaction in ` +
          "the database that the store was opened with.",
        error,
      );
    case SQL_STATE.notAllowed:
      return refused(
        `The role of tx may not write to the schema "${schema}". Roll back, and grant it USAGE on the schema, and SELECT, ` +
          "INSERT, UPDATE and DELETE on its tables.",
        error,
      );
  }
  return error;
}

const refused = (message: string, cause: unknown) => new PawlError("invalid_request", message, { cause });
