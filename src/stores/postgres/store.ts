// The PostgreSQL store: any number of processes share it, and any of them may die. The database's clock is the only one.
import type { Clock } from "../../ports/clock.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Store } from "../../ports/store.ts";
import { createAccessStores } from "./access.ts";
import { createDatabase } from "./database.ts";
import { createDatabaseTime } from "./database-time.ts";
import { fenceRoles } from "./fenced.ts";
import { createPostgresFiles } from "./file-store.ts";
import { createHeldBack } from "./held-back.ts";
import { createJobStore } from "./jobs.ts";
import { createLeaseKeeper } from "./lease-keeper.ts";
import { createJournalStore, createStepStore } from "./memory.ts";
import { migrate } from "./migrate.ts";
import { version } from "./queries/migrate.ts";
import { createQueueStore } from "./queues.ts";
import { createRetentionStore } from "./retention.ts";
import { createFileIndex, createHistoryStore, createLogStore } from "./roles.ts";
import { createScheduleStore } from "./schedules.ts";
import { createSharedNotifier } from "./shared-notifier.ts";
import { createStatsStore } from "./stats.ts";
import { createLeaseStore } from "./workers.ts";

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Default `pawl`. 1 to 40 letters, digits and `_`. Created when it is missing. */
  readonly schema?: string;
  /** Connections at most, 2 or more. Default 10. */
  readonly connections?: number;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** How long a worker's lease lasts without renewal, in ms. Default 15,000. */
  readonly leaseMs?: number;
  /**
   * Whether to use connections besides the pool that stay with one session: one hears other processes within milliseconds,
   * one shows them that this process lives. Without them, others are heard of every few seconds, and a process that
   * dies is noticed when its lease ends. Default true.
   */
  readonly listen?: boolean;
  /**
   * Where those connections lead, when `url` leads to a pooler. While it does not work, others are heard of every few
   * seconds, and leases are renewed through `url`. Default `url`.
   */
  readonly listenUrl?: string;
  /**
   * Whether leases are renewed by a thread, so that code which keeps the event loop busy does not lose them. Programs that
   * are bundled into one file cannot start it. Default true.
   */
  readonly leaseThread?: boolean;
}

export interface PostgresStore extends Store {
  /** Uploads and artifacts in the same database, over the same connections, of which they use half at most. */
  readonly fileStore: FileStore;
}

const DEFAULTS = { schema: "pawl", connections: 10, leaseMs: 15_000, listen: true, leaseThread: true } as const;

/**
 * Opens a PostgreSQL database as a store, creating or migrating the schema as needed.
 *
 * Rejects with `store_unavailable` when the database does not answer, or was made by a newer program.
 *
 * @example
 * const store = await createPostgresStore({ url: "postgres://localhost/app", clock: systemClock });
 * const manager = createManager({ store, fileStore: store.fileStore, jobs: [importContacts] });
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { schema, leaseMs, clock, logger, url, connections, leaseThread, ...more } = { ...DEFAULTS, ...options };
  const listenUrl = more.listen ? (more.listenUrl ?? url) : null;
  const database = createDatabase({ url, connections, schema, standstillMs: leaseMs });
  const time = createDatabaseTime(clock);
  let schemaId: string;
  try {
    schemaId = await migrate(database, schema);
    await time.measure(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  const shared = createSharedNotifier({ database, schema, schemaId, listenUrl, time, clock, logger });
  const { notifier } = shared;
  const otherUrl = listenUrl === null || listenUrl === url ? null : url;
  const thread = leaseThread ? { url: listenUrl ?? url, otherUrl, schema, schemaId, lock: listenUrl !== null } : null;
  const keeper = createLeaseKeeper({ thread, database, notifier, leaseMs, clock, logger });
  const services = { database, schema, schemaId, notifier, time, clock, heldBack: createHeldBack(notifier) };
  const receiving = new Set<string>();
  await shared.start();
  return {
    ...fenceRoles(
      {
        jobs: createJobStore(services),
        steps: createStepStore(services),
        journal: createJournalStore(services),
        logs: createLogStore(services),
      },
      keeper,
      logger,
    ),
    leases: createLeaseStore({ ...services, schema, leaseMs, keeper, logger }),
    history: createHistoryStore(database),
    files: createFileIndex(services, receiving),
    queues: createQueueStore(services),
    schedules: createScheduleStore(services),
    stats: createStatsStore(database),
    retention: createRetentionStore(services),
    ...createAccessStores(database),
    fileStore: createPostgresFiles({ database, receiving, connections: Math.max(1, Math.floor(connections / 2)) }),
    notifier,
    now: time.now,
    leaseMs,
    lost: new Promise(() => {}),
    async ping() {
      await database.run(version);
    },
    async close() {
      await keeper.close();
      await shared.flush();
      await database.close();
      await shared.flush();
      shared.close();
    },
  };
}
