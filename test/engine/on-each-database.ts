// Tests of the shipped job types on each database that their data can be in.
import { test } from "node:test";
import { openPostgresData, openSqliteData, type TestData } from "../support/data-store.ts";
import { testPostgres } from "../support/postgres.ts";
import { type ShippedJobs, type ShippedJobsOptions, startShippedJobs } from "./shipped-jobs.ts";

const postgres = await testPostgres();

/** Starts the jobs, once a test. */
export type Start = (options?: ShippedJobsOptions) => Promise<ShippedJobs>;

/**
 * Runs the test once with the data in SQLite, and once with the data in PostgreSQL; where everything else is in PostgreSQL,
 * the data is, too.
 */
export function testOnEach(name: string, run: (start: Start) => Promise<void>): void {
  if (process.env.PAWL_TEST_STORE !== "postgres") {
    testOn({ name: `${name} [data in SQLite]`, openData: openSqliteData }, run);
  }
  testOn(
    { name: `${name} [data in PostgreSQL]`, openData: () => openPostgresData(postgres), skip: postgres.skip },
    run,
  );
}

interface Database {
  readonly name: string;
  readonly openData: () => Promise<TestData>;
  readonly skip?: string | false;
}

function testOn({ name, openData, skip = false }: Database, run: Parameters<typeof testOnEach>[1]): void {
  test(name, { skip }, (t) => run((options) => startShippedJobs(t, { openData, ...options })));
}
