// The crash tests run on each database: in a folder, and in a schema of PostgreSQL, where leases are a second short.
import { describe, type TestContext, test } from "node:test";
import { inFolder, type Place } from "../support/kill-rounds.ts";
import { testPostgres } from "../support/postgres.ts";
import { tempFolder } from "../support/temp-folder.ts";

export interface CrashDatabase {
  readonly name: "SQLite" | "PostgreSQL";
  /** An empty folder, in which the servers run. */
  readonly folder: string;
  readonly place: Place;
}

type Run = (database: CrashDatabase, t: TestContext) => Promise<void>;

const SHORT_LEASE_MS = 1_000;
/** A server starts, and the short lease of the one before ends. */
const TAKEOVER_MS = 2_500;
/** As it is by default: a machine that stands still for some seconds does not end it. */
const LONG_LEASE_MS = 15_000;

const postgres = await testPostgres();
let made = 0;

/**
 * Runs the test on both at the same time: on PostgreSQL it mostly waits for the end of leases. Unless it `kills`, leases
 * are long.
 */
export function testOnEach(name: string, run: Run, { kills = true }: { readonly kills?: boolean } = {}): void {
  describe(name, { concurrency: 2 }, () => {
    test("SQLite", async (t) => {
      const folder = await tempFolder(t);
      await run({ name: "SQLite", folder, place: inFolder(folder) }, t);
    });
    test("PostgreSQL", { skip: postgres.skip }, async (t) => {
      const folder = await tempFolder(t);
      await run({ name: "PostgreSQL", folder, place: inSchema(t, folder, kills ? SHORT_LEASE_MS : LONG_LEASE_MS) }, t);
    });
  });
}

function inSchema(t: TestContext, folder: string, leaseMs: number): Place {
  const { url, schema: prefix, runAlone } = postgres;
  made += 1;
  const schema = `${prefix}_${made}`;
  t.after(() => runAlone(`DROP SCHEMA IF EXISTS ${schema}, ${schema}_data CASCADE`));
  const { server } = inFolder(folder);
  const args = ["--database", url, "--schema", schema, "--lease-ms", String(leaseMs)];
  return { server: { ...server, args }, takeoverMs: TAKEOVER_MS };
}
