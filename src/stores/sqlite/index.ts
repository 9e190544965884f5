// The SQLite store: one file (with its log and its lock beside it), one owning process, every commit synced to disk.
// Opens its parts in order, and closes them in the opposite one.
import { closeSync, existsSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { storeUnavailable } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Store } from "../../ports/store.ts";
import { createNotifier } from "../sql/notifier.ts";
import { createAuditStore, createSessionStore, createTokenStore } from "./access-roles.ts";
import { type Connection, type ConnectionOptions, openConnection } from "./connection.ts";
import { createJobStore } from "./jobs.ts";
import { createJournalStore, createStepStore } from "./memory-roles.ts";
import { IN_MEMORY } from "./open.ts";
import { createQueueStore, createStatsStore } from "./operator-roles.ts";
import { acquireOwnership, type Ownership } from "./owner.ts";
import { createRetentionStore } from "./retention-role.ts";
import { createFileIndex, createHistoryStore, createLeaseStore, createLogStore } from "./roles.ts";
import { createScheduleStore } from "./schedule-role.ts";

export { sqliteTarget } from "./effects.ts";

export interface SqliteStoreOptions {
  /** The database file; its folder is created when it is missing. `:memory:` keeps nothing, and is for tests. */
  readonly path: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** How long a worker's lease lasts without renewal, in ms. Default 15,000. */
  readonly leaseMs?: number;
}

const DEFAULT_LEASE_MS = 15_000;
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

/** The path without symbolic links: two names of one database have one lock. */
function preparePath(path: string): string {
  const absolute = resolve(path);
  try {
    mkdirSync(dirname(absolute), { recursive: true, mode: PRIVATE_FOLDER });
    return existsSync(absolute) ? realpathSync(absolute) : join(realpathSync(dirname(absolute)), basename(absolute));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw storeUnavailable(`The folder of the database "${path}" cannot be used: ${why}`, error);
  }
}

// Never opens a file that exists: closing it would drop the locks that SQLite holds on it in this process.
function createPrivately(path: string): void {
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, "wx", PRIVATE_FILE));
  } catch (error) {
    if (existsSync(path)) return;
    const why = error instanceof Error ? error.message : String(error);
    throw storeUnavailable(`The database "${path}" cannot be created: ${why}`, error);
  }
}

interface Connections {
  readonly writer: Connection;
  readonly reader: Connection;
  close(): Promise<void>;
}

async function connectInMemory(options: ConnectionOptions): Promise<Connections> {
  const writer = await openConnection({ path: IN_MEMORY, role: "writer" }, options);
  return { writer, reader: writer, close: () => writer.close() };
}

async function connectOwned(path: string, options: ConnectionOptions, ownership: Ownership): Promise<Connections> {
  createPrivately(path);
  const writer = await openConnection({ path, role: "writer" }, options);
  try {
    const reader = await openConnection({ path, role: "reader" }, options);
    return {
      writer,
      reader,
      // The writer goes last: the last one out copies the log into the database and removes it.
      async close() {
        await reader.close();
        await writer.close();
        ownership.release();
      },
    };
  } catch (error) {
    await writer.close();
    throw error;
  }
}

async function connect(path: string, options: ConnectionOptions): Promise<Connections> {
  if (path === IN_MEMORY) return connectInMemory(options);
  const file = preparePath(path);
  createPrivately(`${file}.lock`);
  const ownership = acquireOwnership(file, options.clock.now());
  try {
    return await connectOwned(file, options, ownership);
  } catch (error) {
    ownership.release();
    throw error;
  }
}

/**
 * Opens a SQLite database as a store, creating or migrating it as needed. It keeps the process alive until it is closed.
 *
 * Rejects with `store_owned` when another process has it, and with `store_unavailable` when the file cannot be used:
 * the message says which file, and what to do.
 *
 * @example
 * const store = await createSqliteStore({ path: "pawl-data/pawl.db", clock: systemClock });
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { clock, logger, leaseMs = DEFAULT_LEASE_MS } = options;
  const notifier = createNotifier(clock);
  const onReleased = () => notifier.publish({ kind: "work", inMs: 0 });
  const { writer, reader, close } = await connect(options.path, { clock, onReleased });
  logger?.debug({ path: options.path, leaseMs }, "store opened");
  let closed: Promise<void> | null = null;
  return {
    jobs: createJobStore({ writer, reader, notifier }),
    leases: createLeaseStore({ writer, reader, notifier, leaseMs }),
    history: createHistoryStore(reader),
    logs: createLogStore({ writer, reader, notifier }),
    files: createFileIndex({ writer, notifier }),
    steps: createStepStore({ writer, notifier }),
    journal: createJournalStore({ writer, notifier }),
    queues: createQueueStore({ writer, reader, notifier }),
    schedules: createScheduleStore({ writer, notifier }),
    stats: createStatsStore(reader),
    retention: createRetentionStore({ writer, notifier }),
    tokens: createTokenStore({ writer, reader }),
    sessions: createSessionStore(writer),
    audit: createAuditStore({ writer, reader }),
    notifier,
    now: () => Math.floor(clock.now()),
    leaseMs,
    lost: Promise.race([writer.lost, reader.lost]),
    async ping() {
      await Promise.all([writer.call("ping"), reader.call("ping")]);
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}
