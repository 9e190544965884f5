// Several PostgreSQL stores of one schema, as so many processes would open them, by the machine's clock.

import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Notice, systemClock } from "../../src/index.ts";
import type { Store } from "../../src/ports/store.ts";
import { createPostgresStore, type PostgresStore, type PostgresStoreOptions } from "../../src/stores/postgres/index.ts";
import { waitFor } from "./wait-for.ts";

type Options = Partial<PostgresStoreOptions>;

export interface Fleet {
  readonly schema: string;
  open(options?: Options): Promise<PostgresStore>;
  serverUpMs(): Promise<number>;
  /** Of the server's process behind one of these stores' connections. */
  somePid(): Promise<number>;
  /** Runs `end` before the schema goes. */
  defer(end: () => Promise<void>): void;
  /** Workers that are alive: how many there are, how many were renewed, and of how many a session is there. */
  workers(): Promise<{ readonly alive: number; readonly renewed: number; readonly inSession: number }>;
}

const UP_MS = "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8 * 1000 AS ms";
const PID = (schema: string) => `SELECT pid FROM pg_stat_activity WHERE application_name = 'pawl ${schema}' LIMIT 1`;
const WORKERS = (schema: string) => `
  SELECT count(*)::int AS alive, count(*) FILTER (WHERE seen_at > started_at)::int AS renewed,
    count(*) FILTER (WHERE lock_key IN (
      SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted
    ))::int AS "inSession"
  FROM ${schema}.workers WHERE alive`;

let made = 0;

/** Opens stores over two connections each; they and their schema go with the test. */
export function fleetOf(
  t: TestContext,
  { url, schema: prefix }: { readonly url: string; readonly schema: string },
): Fleet {
  made += 1;
  const schema = `${prefix}_${made}`;
  const ends: (() => Promise<void>)[] = [];
  const ask = async (statement: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(statement);
    await client.end();
    return rows;
  };
  t.after(async () => {
    for (const end of ends.toReversed()) await end();
    await ask(`DROP SCHEMA ${schema} CASCADE`);
  });
  return {
    schema,
    async open(options = {}) {
      const store = await createPostgresStore({ url, schema, connections: 2, clock: systemClock, ...options });
      ends.push(() => store.close());
      return store;
    },
    defer: (end) => void ends.push(end),
    serverUpMs: async () => (await ask(UP_MS))[0].ms,
    somePid: async () => (await ask(PID(schema)))[0].pid,
    workers: async () => (await ask(WORKERS(schema)))[0],
  };
}

export interface Ear {
  /** Waits for a notice that fits, which may have come already. */
  hears(what: string, fits: (notice: Notice) => boolean): Promise<Notice>;
  /** Whether one came already. */
  heard(fits: (notice: Notice) => boolean): boolean;
  forget(): void;
}

/** Listens to what one store tells. */
export function earOf(store: Store): Ear {
  const heard: Notice[] = [];
  store.notifier.subscribe((notice) => heard.push(notice));
  return {
    hears: (what, fits) => waitFor(async () => heard.find(fits), { what, everyMs: 5, withinMs: 20_000 }),
    heard: (fits) => heard.some(fits),
    forget: () => void heard.splice(0),
  };
}

/** Says that this job is in this state now. */
export const tellsOf = (id: string, state: string) => (notice: Notice) =>
  notice.kind === "changed" && notice.jobs.some((job) => job.id === id && job.state === state);

export const isResync = (notice: Notice): boolean => notice.kind === "resync";

/** Looks after the dead through this store until the fleet goes, as every process does. */
export function sweep({ defer }: Fleet, store: Store): void {
  let stopped = false;
  const round = async () => {
    while (!stopped) {
      await store.leases.reap({ crashLimit: 5 }).catch(() => {});
      await sleep(store.leases.reapEveryMs);
    }
  };
  const swept = round();
  defer(async () => {
    stopped = true;
    await swept;
  });
}

/** Answers how long it took, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
