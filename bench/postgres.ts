// The PostgreSQL server that everything is measured on: brought by the npm registry, empty, and durable as by default. It is
// started when it is first needed, and stopped with the benchmark.
import { randomBytes } from "node:crypto";
import pg from "pg";
import { type PostgresServer, startPostgresServer } from "../test/support/postgres-server.ts";

let started: Promise<PostgresServer> | null = null;

/** Where it is, as superuser. */
export async function postgresUrl(): Promise<string> {
  started ??= startPostgresServer({ durable: true });
  return (await started).url;
}

export async function stopPostgres(): Promise<void> {
  await (await started)?.stop();
}

/** Runs `use` with one connection. */
export async function withClient<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: await postgresUrl() });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Runs `use` with the name of a schema that is not there yet, and drops it behind it. */
export async function withSchema<T>(
  use: (place: { readonly url: string; readonly schema: string }) => Promise<T>,
): Promise<T> {
  const schema = `bench_${randomBytes(6).toString("hex")}`;
  try {
    return await use({ url: await postgresUrl(), schema });
  } finally {
    await withClient((client) => client.query(`DROP SCHEMA IF EXISTS ${schema}, ${schema}_data CASCADE`));
  }
}

/** With what makes it durable. */
export async function postgresVersion(): Promise<string> {
  const { rows } = await withClient((client) => client.query("SHOW server_version"));
  return `PostgreSQL ${rows[0].server_version}, fsync and synchronous_commit on`;
}

/** Asks again and again, on one connection, until the statement answers that all is `done`. */
export const untilDone = (statement: string): Promise<void> =>
  withClient(async (client) => {
    while (!(await client.query(statement)).rows[0].done) await new Promise((resolve) => setTimeout(resolve, 1));
  });
