// A manager over a fresh store, for one round.
import { createManager, type Manager, type ManagerOptions } from "../src/index.ts";
import type { Bench } from "./backend.ts";
import { openPlace } from "./place.ts";

export type ManagerSettings = Pick<ManagerOptions, "jobs" | "concurrency">;

/** Runs `use` with a manager that was created but not started, and cleans up behind it. */
export function withManager<T>(
  bench: Bench,
  settings: ManagerSettings,
  use: (manager: Manager) => Promise<T>,
): Promise<T> {
  return bench.withPlace(async (place) => {
    const opened = await openPlace(place);
    const manager = createManager({ ...settings, ...opened });
    try {
      return await use(manager);
    } finally {
      await manager.stop();
      await opened.store.close();
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
