// The data store of a test: a file of its own, or a schema of its own in PostgreSQL.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DataStore } from "../../src/jobs/data/data-store.ts";
import { createPostgresDataStore } from "../../src/jobs/data/postgres/data-store.ts";
import { createSqliteDataStore } from "../../src/jobs/data/sqlite/data-store.ts";
import { type TestPostgres, testPostgres } from "./postgres.ts";

export interface TestData {
  readonly data: DataStore;
  /** Another one on the same data, as another process has it. */
  again(options?: { readonly url?: string }): Promise<DataStore>;
  /** Closes the first one, and deletes what is there. */
  remove(): Promise<void>;
}

export async function openSqliteData(): Promise<TestData> {
  const folder = await mkdtemp(path.join(tmpdir(), "pawl-data-"));
  const open = () => createSqliteDataStore({ path: path.join(folder, "data.db") });
  const data = open();
  return {
    data,
    again: async () => open(),
    async remove() {
      await data.close();
      await rm(folder, { recursive: true });
    },
  };
}

let made = 0;

export async function openPostgresData({ url, schema: prefix, runAlone }: TestPostgres): Promise<TestData> {
  made += 1;
  const schema = `${prefix}_data_${made}`;
  const open = (options = {}) => createPostgresDataStore({ url, schema, ...options });
  const data = await open();
  return {
    data,
    again: open,
    async remove() {
      await data.close();
      await runAlone(`DROP SCHEMA ${schema} CASCADE`);
    },
  };
}

const postgres = process.env.PAWL_TEST_STORE === "postgres" ? await testPostgres() : null;
if (typeof postgres?.skip === "string") throw new Error(postgres.skip);

/** In the database that PAWL_TEST_STORE names, as everything else. */
export const openData = (): Promise<TestData> => (postgres ? openPostgresData(postgres) : openSqliteData());
