// The PostgreSQL store with a clock that only the test moves: all processes of a schema ask one function for the time, and
// this one answers what a table says.
import pg from "pg";
import type { Store } from "../../src/ports/store.ts";
import { createPostgresStore, type PostgresStoreOptions } from "../../src/stores/postgres/index.ts";
import type { ContractStore } from "../../src/testing/contract/context.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";

const STOPPED_CLOCK = (schema: string, now: number) => `
  CREATE TABLE IF NOT EXISTS ${schema}.stopped_clock (now bigint NOT NULL);
  INSERT INTO ${schema}.stopped_clock VALUES (${now});
  CREATE OR REPLACE FUNCTION ${schema}.now_ms() RETURNS bigint LANGUAGE sql VOLATILE
    AS 'SELECT now FROM ${schema}.stopped_clock'`;

const EMPTY = (schema: string, now: number) => `
  DO $$ DECLARE tables text; BEGIN
    SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') INTO tables FROM pg_tables
    WHERE schemaname = '${schema}' AND tablename NOT IN ('schema_version', 'stopped_clock');
    EXECUTE 'TRUNCATE ' || tables || ' RESTART IDENTITY';
  END $$;
  UPDATE ${schema}.stopped_clock SET now = ${now}`;

/** A thread lives by the machine's clock. */
const STOPPED = { leaseThread: false } as const;
const START = Date.parse("2026-01-01T00:00:00Z");

/** Opens empty stores, one after the other, in one schema, which is made by the first. */
export function createStoppedStores({ url, schema }: { readonly url: string; readonly schema: string }) {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  // The server may be stopped before the pool is.
  pool.on("error", () => {});
  let made = false;

  async function prepare(): Promise<void> {
    if (made) return void (await pool.query(EMPTY(schema, START)));
    const store = await createPostgresStore({ url, schema, connections: 2, ...STOPPED, clock: createFakeClock(START) });
    await store.close();
    await pool.query(STOPPED_CLOCK(schema, START));
    made = true;
  }

  return {
    async open(options: Pick<PostgresStoreOptions, "connections" | "listenUrl"> = {}): Promise<ContractStore> {
      await prepare();
      const clock = createFakeClock(START);
      const store: Store = await createPostgresStore({ url, schema, connections: 3, ...STOPPED, ...options, clock });
      return {
        store,
        async advance(ms) {
          await pool.query(`UPDATE ${schema}.stopped_clock SET now = now + $1::bigint`, [ms]);
          clock.advance(ms);
        },
        dispose: () => store.close(),
      };
    },
    close: () => pool.end(),
  };
}
