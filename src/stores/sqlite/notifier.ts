// Tells listeners in this process what was committed. One process owns the store, so nothing has to cross processes.
import type { Clock } from "../../ports/clock.ts";
import type { Notice, Notifier } from "../../ports/notifier.ts";

export interface LocalNotifier extends Notifier {
  /** False when nobody listens: then making up notices is not worth it. */
  readonly listening: boolean;
  publish(notice: Notice): void;
  /** Says that there is work from `availableAt` (epoch ms) on. */
  announceWork(availableAt: number): void;
}

export function createNotifier(clock: Clock): LocalNotifier {
  const listeners = new Set<{ readonly hear: (notice: Notice) => void }>();
  const publish = (notice: Notice) => {
    for (const { hear } of [...listeners]) hear(notice);
  };
  return {
    get listening() {
      return listeners.size > 0;
    },
    subscribe(listener) {
      const entry = { hear: listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    publish,
    announceWork: (availableAt) => publish({ kind: "work", inMs: Math.max(0, availableAt - clock.now()) }),
  };
}
