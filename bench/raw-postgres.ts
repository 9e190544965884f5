// What PostgreSQL alone does on this machine: the same server, one connection, plain rows in arrays, no engine.
import type pg from "pg";
import { withClient, withSchema } from "./postgres.ts";
import type { Raw } from "./raw.ts";

const PAYLOAD = JSON.stringify({ hello: "world", n: 1 });

const CREATE = (schema: string) => `
  CREATE SCHEMA ${schema};
  CREATE TABLE ${schema}.jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state text NOT NULL, input text NOT NULL
  ) WITH (fillfactor = 80);
  CREATE INDEX waiting ON ${schema}.jobs (id) WHERE state = 'queued'`;

const STATEMENTS = {
  insert: "INSERT INTO jobs (state, input) SELECT 'queued', input FROM unnest($1::text[]) AS t (input)",
  claim: `UPDATE jobs SET state = 'running' WHERE id = ANY (ARRAY(
    SELECT id FROM jobs WHERE state = 'queued' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING id, input`,
  complete: "UPDATE jobs SET state = 'succeeded' WHERE id = ANY ($1::bigint[])",
  update: "UPDATE jobs SET input = $2 WHERE id = ANY ($1::bigint[])",
} as const;

interface Table {
  /** Runs a prepared statement. */
  run(statement: keyof typeof STATEMENTS, ...values: readonly unknown[]): Promise<pg.QueryResult>;
}

const withTable = <T>(use: (table: Table) => Promise<T>): Promise<T> =>
  withSchema(({ schema }) =>
    withClient(async (client) => {
      await client.query(CREATE(schema));
      return use({
        run: (name, ...values) =>
          client.query({ name, text: STATEMENTS[name].replaceAll("jobs", `${schema}.jobs`), values: [...values] }),
      });
    }),
  );

const payloads = (count: number) => Array.from({ length: count }, () => PAYLOAD);

/** Things a second. */
async function rate(things: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (things * 1_000) / (performance.now() - start);
}

export const raw: Raw = {
  inserts: (rows, size) =>
    withTable(({ run }) =>
      rate(rows, async () => {
        for (let done = 0; done < rows; done += size) await run("insert", payloads(size));
      }),
    ),
  drain: (rows, size) =>
    withTable(async ({ run }) => {
      await run("insert", payloads(rows));
      return rate(rows, async () => {
        for (let done = 0; done < rows; done += size) {
          const claimed = await run("claim", size);
          await run(
            "complete",
            claimed.rows.map((row) => row.id),
          );
        }
      });
    }),
  updates: (transactions, jobs) =>
    withTable(async ({ run }) => {
      await run("insert", payloads(jobs));
      const ids = Array.from({ length: jobs }, (_, index) => index + 1);
      return rate(transactions * jobs, async () => {
        for (let done = 0; done < transactions; done += 1) await run("update", ids, `${PAYLOAD}${done}`);
      });
    }),
  commitMs: async (commits) => (1_000 * commits) / (await raw.updates(500, 1)),
};
