// A manager over a fresh store in a folder of its own, for one round.
import { join } from "node:path";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, type Manager, type ManagerOptions, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";
import { withFolder } from "./folder.ts";

export type BenchOptions = Pick<ManagerOptions, "jobs" | "concurrency">;

/** Runs `use` with a manager that was created but not started, and cleans up behind it. */
export function withManager<T>(options: BenchOptions, use: (manager: Manager) => Promise<T>): Promise<T> {
  return withFolder(async (directory) => {
    const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
    const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
    const manager = createManager({ ...options, store, fileStore });
    try {
      return await use(manager);
    } finally {
      await manager.stop();
      await store.close();
    }
  });
}

/** Runs `work` `count` times, `inFlight` at once. */
export async function inFlight(
  count: number,
  parallel: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}
