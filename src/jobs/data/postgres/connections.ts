// The connections of the data store to PostgreSQL, one pool of its own. No state of a session is used, so that a pooler in
// transaction mode may stand in between. Invariant: a connection that breaks while nobody uses it harms nobody.
import pg from "pg";
import type { Logger } from "../../../index.ts";
import type { StoredRow } from "../stored-row.ts";

export type Value = string | number | null | readonly (string | number | null)[];

/** Whatever runs a statement: any connection, or the one of a transaction. */
export type Ask = (statement: string, ...values: readonly Value[]) => Promise<readonly StoredRow[]>;

export interface Connections {
  readonly pool: pg.Pool;
  readonly schema: string;
  /** A statement with the schema's name in the place of `pawl_data`. */
  inSchema(statement: string): string;
  readonly ask: Ask;
  /** The same within a transaction of somebody's. */
  asking(client: pg.PoolClient): Ask;
  transaction(work: (client: pg.PoolClient) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly schema: string;
  readonly connections: number;
  readonly logger: Logger | undefined;
}

/** To connect, or for a connection to become free. */
const CONNECT_TIMEOUT_MS = 10_000;
/** No statement of ours takes nearly as long; a server that is gone without a word is given up then. */
const QUERY_TIMEOUT_MS = 30_000;

export function createConnections({ url, schema, connections, logger }: ConnectionOptions): Connections {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    application_name: "pawl data",
  });
  pool.on("error", (error) => {
    logger?.debug({ err: error }, "An idle connection of the data store broke; another one takes its place.");
  });
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  const inSchema = (statement: string) => statement.replaceAll("pawl_data", () => quoted);
  const asking = createAsking(inSchema);
  let closed: Promise<void> | null = null;
  return {
    pool,
    schema,
    inSchema,
    ask: asking(pool),
    asking,
    transaction: (work) => inTransaction(pool, work),
    close() {
      closed ??= pool.end();
      return closed;
    },
  };
}

function createAsking(inSchema: (statement: string) => string) {
  const prepared = new Map<string, string>();
  const prepare = (statement: string) => {
    const text = prepared.get(statement) ?? inSchema(statement);
    prepared.set(statement, text);
    return text;
  };
  return (session: pg.Pool | pg.PoolClient): Ask =>
    async (statement, ...values) => {
      const { rows } = await session.query<StoredRow>(prepare(statement), [...values]);
      return rows;
    };
}

async function inTransaction(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  // A connection that breaks fails the query under way; without a listener its event would end the process, too.
  const listen = () => {};
  client.on("error", listen);
  let broken = false;
  try {
    // Whatever the role's default is: a statement behind a lock has to see what was committed before it.
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    await work(client);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.off("error", listen);
    client.release(broken);
  }
}
