// A manager over SQLite in a folder of its own, or over another store, for tests: real store, real files, nothing mocked. It
// can crash and come back, so that a test sees what a job keeps.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createManager, type ManagerOptions } from "../engine/create-manager.ts";
import type { Manager } from "../engine/manager.ts";
import { systemClock } from "../engine/system-clock.ts";
import { createDirectoryFileStore } from "../files/index.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { Store } from "../ports/store.ts";
import { createSqliteStore } from "../stores/sqlite/index.ts";

/** Where the manager keeps everything. */
export interface TestStorage {
  /** Opens what is there: empty the first time, and as it was left after a crash. */
  open(clock: Clock): Promise<{ readonly store: Store; readonly fileStore: FileStore }>;
  /** Deletes it, when the store is closed. */
  remove(): Promise<void>;
}

export interface TestManagerOptions extends Omit<ManagerOptions, "store" | "fileStore"> {
  /** Default: SQLite, and a folder of files. */
  readonly storage?: TestStorage;
}

export interface TestManager {
  /** The manager of now: another one after `crash` or `restart`. */
  readonly manager: Manager;
  readonly store: Store;
  readonly fileStore: FileStore;
  /** A folder for whatever the test needs. */
  readonly directory: string;
  /** Takes the store away from the running manager, as kill -9 would, and starts another one on the same storage. */
  crash(options?: Partial<TestManagerOptions>): Promise<Manager>;
  /** Stops cleanly and starts again. */
  restart(options?: Partial<TestManagerOptions>): Promise<Manager>;
  /** Stops, and deletes everything. */
  stop(): Promise<void>;
}

/**
 * Starts a manager for one test.
 *
 * @example
 * const pawl = await startTestManager({ jobs: [importContacts] });
 * try {
 *   const job = await pawl.manager.submit({ type: "import-contacts", input });
 *   await pawl.manager.waitUntil(job.id, "succeeded");
 * } finally {
 *   await pawl.stop();
 * }
 */
export async function startTestManager(options: TestManagerOptions): Promise<TestManager> {
  const directory = await mkdtemp(join(tmpdir(), "pawl-test-"));
  const clock = options.clock ?? systemClock;
  const storage = options.storage ?? storageIn(directory);
  const open = async (changes: Partial<TestManagerOptions> = {}) => {
    const opened = await storage.open(clock);
    const manager = createManager({ ...options, ...changes, clock, ...opened });
    await manager.start();
    return { ...opened, manager };
  };
  let now = await open();
  return {
    get manager() {
      return now.manager;
    },
    get store() {
      return now.store;
    },
    get fileStore() {
      return now.fileStore;
    },
    directory,
    async crash(changes) {
      const crashed = now;
      await crashed.store.close();
      now = await open(changes);
      // The crashed one lives on in this process like a stalled worker: stopping it must not matter any more.
      void crashed.manager.stop().catch(() => {});
      return now.manager;
    },
    async restart(changes) {
      await now.manager.stop();
      await now.store.close();
      now = await open(changes);
      return now.manager;
    },
    async stop() {
      await now.manager.stop();
      await now.store.close();
      await storage.remove();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function storageIn(directory: string): TestStorage {
  return {
    open: async (clock) => ({
      store: await createSqliteStore({ path: join(directory, "pawl.db"), clock }),
      fileStore: createDirectoryFileStore({ directory: join(directory, "files") }),
    }),
    remove: async () => {},
  };
}
