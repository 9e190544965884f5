// PostgreSQL for a test file: a schema of its own, in the database that TEST_DATABASE_URL names, or else in a server that
// this file starts and stops. With TEST_DATABASE_URL many files share one server and do not meet.
import { randomBytes } from "node:crypto";
import { after, type TestContext } from "node:test";
import pg from "pg";
import { missingServer, startPostgresServer } from "./postgres-server.ts";

export interface TestPostgres {
  /** Why the tests of this file cannot run here: an option for `test`, which then shows it. */
  readonly skip: string | false;
  /** Leads into the schema of this file, and so do all connections that use it. */
  readonly url: string;
  /** The name of that schema. */
  readonly schema: string;
  /** A pool that ends with the test, whose sessions bear the name of the schema. */
  poolFor(t: TestContext, options?: pg.PoolConfig): pg.Pool;
  /** Runs a statement on a connection of its own. */
  runAlone(statement: string): Promise<void>;
  /** Every row of every table of a schema, as JSON. */
  dump(schema: string): Promise<readonly string[]>;
}

let opened: Promise<TestPostgres> | null = null;

/**
 * To be called at the top of a test file, or of what it imports: they get the same server and schema, and hold both until
 * the last test of the file is done.
 *
 * @example
 * const postgres = await testPostgres();
 * test("a row that was committed is there", { skip: postgres.skip }, async (t) => {
 *   const pool = postgres.poolFor(t);
 * });
 */
export function testPostgres(): Promise<TestPostgres> {
  opened ??= open();
  return opened;
}

async function open(): Promise<TestPostgres> {
  const given = process.env.TEST_DATABASE_URL;
  const missing = given === undefined ? missingServer() : null;
  const schema = `pawl_test_${randomBytes(6).toString("hex")}`;
  if (missing !== null) return unavailable(missing);
  const server = given === undefined ? await startPostgresServer() : { url: given, stop: async () => {} };
  await runAlone(server.url, `CREATE SCHEMA ${schema}`);
  after(async () => {
    await runAlone(server.url, `DROP SCHEMA ${schema} CASCADE`);
    await server.stop();
  });
  const url = withSearchPath(server.url, schema);
  return {
    skip: false,
    url,
    schema,
    poolFor: (t, options) => poolFor(t, { connectionString: url, application_name: schema, ...options }),
    runAlone: (statement) => runAlone(server.url, statement),
    dump: (name) => dump(server.url, name),
  };
}

function unavailable(reason: string): TestPostgres {
  const skip = `SKIPPED: ${reason}. Set TEST_DATABASE_URL to run it`;
  const refuse = () => {
    throw new Error(skip);
  };
  return { skip, url: "", schema: "", poolFor: refuse, runAlone: refuse, dump: refuse };
}

function poolFor(t: TestContext, options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(options);
  // Tests cut connections, idle ones too.
  pool.on("error", () => {});
  t.after(() => pool.end());
  return pool;
}

function withSearchPath(url: string, schema: string): string {
  const changed = new URL(url);
  changed.searchParams.set("options", `-c search_path=${schema}`);
  return changed.href;
}

async function runAlone(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function dump(url: string, schema: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1",
      [schema],
    );
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      const found = await client.query<{ row: string }>(`SELECT to_json(t)::text AS row FROM ${schema}.${name} AS t`);
      rows.push(...found.rows.map(({ row }) => row));
    }
    return rows;
  } finally {
    await client.end();
  }
}
