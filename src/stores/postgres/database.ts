// The connections to PostgreSQL: runs statements, alone or several in a transaction, and runs again what was undone because
// of others at the same time. No state of a session is used, so that a pooler in transaction mode may stand in between.
// Invariant: a client goes back to the pool with no transaction open; where that cannot be known, it is closed.
import pg from "pg";
import { storeUnavailable } from "../../domain/errors.ts";
import { isConflict, toPawlError } from "./failures.ts";

export type Row = Readonly<Record<string, unknown>>;
export type Value = string | number | boolean | null | readonly string[] | readonly number[] | Uint8Array;

/** Runs statements: a connection in a transaction, or any connection, each statement for itself. */
export interface Session {
  /** Answers the rows. Integers beyond 32 bits arrive as text: let the statement answer JSON, or cast. */
  run(statement: string, ...values: readonly Value[]): Promise<readonly Row[]>;
}

/** A session in a transaction. */
export interface Transaction extends Session {
  /** Several statements, without values. */
  execute(script: string): Promise<void>;
}

export interface Database extends Session {
  /** Like `run`, planned anew for these values: for questions whose best plan depends on them. */
  ask(statement: string, ...values: readonly Value[]): Promise<readonly Row[]>;
  /** Runs `work` in a transaction, from the beginning again when it was undone because of others. */
  transaction<R>(work: (transaction: Transaction) => Promise<R>): Promise<R>;
  /** How many connections have broken so far. When it grows, the server may have ended all that there were. */
  readonly breaks: number;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/name`. */
  readonly url: string;
  /** Connections at most, 2 or more. */
  readonly connections: number;
  /** Letters, digits and `_`. */
  readonly schema: string;
  /** As the server lists the connections: by it, whoever uses the schema is found. Default `pawl <schema>`. */
  readonly name?: string;
  /**
   * How long a transaction may stand still, in ms: then the server ends it, and its locks with it. So nobody waits for a
   * process that is frozen, or gone with a machine whose connection the server still believes in.
   */
  readonly standstillMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/**
 * No statement of ours takes nearly as long; a connection that says nothing for so long is given up. As long as a lease, so
 * that work which goes on meanwhile does not wait for a dead connection for much longer than attempts do.
 */
const QUERY_TIMEOUT_MS = { atLeast: 10_000, atMost: 30_000 } as const;
const CONFLICT_TRIES = 10;

/** As the server lists the connections of those who work with a schema. */
export const sessionName = (schema: string): string => `pawl ${schema}`;

export function createDatabase(options: DatabaseOptions): Database {
  const { url, connections, schema, name = sessionName(schema), standstillMs } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: Math.min(QUERY_TIMEOUT_MS.atMost, Math.max(QUERY_TIMEOUT_MS.atLeast, standstillMs)),
    keepAlive: true,
    application_name: name,
  });
  // A connection that breaks while nobody uses it: the pool opens another one when it is needed.
  pool.on("error", () => {});
  let breaks = 0;
  pool.on("connect", (client) =>
    client.on("error", () => {
      breaks += 1;
    }),
  );
  const prepare = createStatements(schema);
  const work = createWork();
  // One message to the server, and no state of the session. Whatever the role's default is: what is read after a lock was
  // waited for has to be what is committed then.
  const begin = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(standstillMs)}`;
  let closing: Promise<void> | null = null;
  const close = async () => {
    await work.end();
    await pool.end();
  };

  return {
    run: (statement, ...values) =>
      work.do(async () => (await pool.query<Row>({ ...prepare(statement), values: [...values] })).rows),
    ask: (statement, ...values) =>
      work.do(async () => (await pool.query<Row>({ text: prepare(statement).text, values: [...values] })).rows),
    transaction: (steps) => work.do(() => inTransaction(pool, { begin, prepare }, steps)),
    get breaks() {
      return breaks;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** A statement with the schema's name in it. */
export const inSchema = (statement: string, schema: string): string =>
  statement.replaceAll(/\bpawl\./g, `"${schema}".`);

type Prepare = (statement: string) => { readonly name: string; readonly text: string };

/** Creates the function that puts the schema's name into a statement, and names it, so that it is planned once a connection. */
function createStatements(schema: string): Prepare {
  const known = new Map<string, ReturnType<Prepare>>();
  return (statement) => {
    const prepared = known.get(statement);
    if (prepared) return prepared;
    const made = { name: `pawl_${schema}_${known.size}`.slice(-63), text: inSchema(statement, schema) };
    known.set(statement, made);
    return made;
  };
}

/** What is under way, so that closing can wait for it. */
function createWork() {
  let active = 0;
  let closed = false;
  let idle = Promise.withResolvers<void>();
  return {
    async do<R>(work: () => Promise<R>): Promise<R> {
      if (closed) throw storeUnavailable("The store is closed.");
      active += 1;
      try {
        return await again(work);
      } finally {
        active -= 1;
        if (active === 0) {
          idle.resolve();
          idle = Promise.withResolvers();
        }
      }
    },
    /** Resolves when nothing is under way, and what was has not gone on with another statement. */
    async end(): Promise<void> {
      while (!closed) {
        if (active > 0) await idle.promise;
        await new Promise((resolve) => setImmediate(resolve));
        closed = active === 0;
      }
    },
  };
}

/** At once: whoever was in the way has finished. */
async function again<R>(work: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || attempt === CONFLICT_TRIES) throw toPawlError(error);
    }
  }
}

async function inTransaction<R>(
  pool: pg.Pool,
  { begin, prepare }: { readonly begin: string; readonly prepare: Prepare },
  work: (transaction: Transaction) => Promise<R>,
): Promise<R> {
  const client = await pool.connect();
  // A connection that breaks fails the query under way; without a listener its event would end the process, too.
  const listen = () => {};
  client.on("error", listen);
  let broken = false;
  const ask = async (query: string | pg.QueryConfig): Promise<readonly Row[]> => {
    try {
      return (await client.query<Row>(query)).rows;
    } catch (error) {
      // It did not answer: nothing more is asked on it.
      broken ||= !(error instanceof pg.DatabaseError);
      throw error;
    }
  };
  try {
    await ask(begin);
    const result = await work({
      run: (statement, ...values) => ask({ ...prepare(statement), values: [...values] }),
      execute: async (script) => void (await ask(prepare(script).text)),
    });
    await ask("COMMIT");
    return result;
  } catch (error) {
    broken ||= !(await client.query("ROLLBACK").then(
      () => true,
      () => false,
    ));
    throw error;
  } finally {
    client.off("error", listen);
    client.release(broken);
  }
}
