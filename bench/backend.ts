// The databases that Pawl is measured on. Each brings empty places for stores, and the same database's limits without Pawl.
import { withFolder } from "./folder.ts";
import type { Target } from "./measure.ts";
import type { Peer } from "./peers/peer.ts";
import type { Place } from "./place.ts";
import { postgresVersion, withSchema } from "./postgres.ts";
import type { Raw } from "./raw.ts";
import * as rawPostgres from "./raw-postgres.ts";
import * as rawSqlite from "./raw-sqlite.ts";

export type StoreName = "sqlite" | "postgres";

/** Everything that a workload needs to know. */
export interface Bench {
  readonly store: StoreName;
  /** Runs `use` with an empty place for a store. */
  withPlace<T>(use: (place: Place) => Promise<T>): Promise<T>;
  readonly raw: Raw;
  /** Other programs over the same database; none unless asked for. */
  readonly peers: readonly Peer[];
  /** So many times, or fewer where only a look is wanted. */
  times(count: number): number;
  readonly rounds: (count: number) => number;
  target(targets: Readonly<Record<StoreName, Target>>): Target;
}

export interface BenchOptions {
  readonly store: StoreName;
  readonly peers: readonly Peer[];
  readonly quick: boolean;
}

const QUICK = 10;

export function createBench({ store, peers, quick }: BenchOptions): Bench {
  return {
    store,
    peers,
    ...DATABASES[store],
    times: (count) => (quick ? Math.ceil(count / QUICK) : count),
    rounds: (count) => (quick ? 1 : count),
    target: (targets) => targets[store],
  };
}

const DATABASES: Readonly<Record<StoreName, Pick<Bench, "withPlace" | "raw">>> = {
  sqlite: {
    withPlace: (use) => withFolder((directory) => use({ kind: "sqlite", directory })),
    raw: rawSqlite.raw,
  },
  postgres: {
    withPlace: (use) => withSchema(({ url, schema }) => use({ kind: "postgres", url, schema })),
    raw: rawPostgres.raw,
  },
};

export const versionOf = (store: StoreName): Promise<string> =>
  store === "sqlite" ? Promise.resolve(`SQLite ${rawSqlite.sqliteVersion()}`) : postgresVersion();
