// The manager of a test, over the store that PAWL_TEST_STORE names: `sqlite`, the default, or `postgres`, each manager in a
// schema of its own. On a fake clock, PostgreSQL's time is the fake clock's, too.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { systemClock } from "../../src/engine/system-clock.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { createPostgresStore } from "../../src/stores/postgres/index.ts";
import {
  startTestManager,
  type TestManager,
  type TestManagerOptions,
  type TestStorage,
} from "../../src/testing/test-manager.ts";
import { type TestPostgres, testPostgres } from "./postgres.ts";
import { createSteeredTime, type SteeredTime, steer } from "./steered-store.ts";

const postgres = process.env.PAWL_TEST_STORE === "postgres" ? await testPostgres() : null;
if (typeof postgres?.skip === "string") throw new Error(postgres.skip);

/** The schemas of managers on PostgreSQL. */
const schemas = new WeakMap<TestManager, string>();

export async function startManager(options: TestManagerOptions): Promise<TestManager> {
  if (!postgres) return startTestManager(options);
  made += 1;
  const schema = `${postgres.schema}_${made}`;
  const pawl = await startTestManager({ storage: storageIn(postgres, schema), ...options });
  schemas.set(pawl, schema);
  return pawl;
}

/** All that a manager keeps: what its files are made of, or its tables. */
export async function storedBytes(pawl: TestManager): Promise<readonly Buffer[]> {
  const schema = schemas.get(pawl);
  if (postgres && schema !== undefined) return (await postgres.dump(schema)).map((row) => Buffer.from(row));
  const files = await readdir(pawl.directory, { recursive: true, withFileTypes: true });
  return Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(path.join(file.parentPath, file.name))),
  );
}

/** Whoever had the storage open before is known to be dead, as with SQLite: the test does not wait for the lease's end. */
const END_LEASES = (schema: string) => `UPDATE ${schema}.workers SET expires_at = 0 WHERE alive`;

let made = 0;

/** Connections of one manager: few, as the tests of several files share a server. */
const CONNECTIONS = 3;

function storageIn({ url, runAlone }: TestPostgres, schema: string): TestStorage {
  let time: SteeredTime | null = null;
  let opened = 0;
  // The thread that renews leases would live by the machine's clock, and its start take as long as all else of a test.
  const openStore = (options: { readonly clock: Clock; readonly listen?: false; readonly leaseMs?: number }) =>
    createPostgresStore({ url, schema, connections: CONNECTIONS, leaseThread: false, ...options });
  /** Whatever the store asks for the time, even as it opens, it is answered the test's. */
  const steerTime = async (clock: Clock) => {
    await (await openStore({ clock, ...STEERED })).close();
    return createSteeredTime({ url, schema, clock });
  };
  return {
    async open(clock) {
      opened += 1;
      if (opened > 1) await runAlone(END_LEASES(schema));
      if (clock === systemClock) {
        const store = await openStore({ clock });
        return { store, fileStore: store.fileStore };
      }
      time ??= await steerTime(clock);
      await time.follow();
      // What the store does by itself now and then, it does in real time: a test that moves its clock by a month does not
      // mean all that would have come to pass in that time.
      const store = await openStore({ clock: { ...clock, after: systemClock.after }, ...STEERED });
      return { store: steer(store, time), fileStore: store.fileStore };
    },
    async remove() {
      await time?.close();
      await runAlone(`DROP SCHEMA ${schema} CASCADE`);
    },
  };
}

/**
 * The pings of a connection that listens live by the machine's clock. Tests let seconds pass faster than a database on a
 * busy machine answers: leases must not end by that.
 */
const STEERED = { listen: false, leaseMs: 120_000 } as const;
