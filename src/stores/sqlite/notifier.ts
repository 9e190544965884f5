// Tells listeners in this process what was committed. One process owns the store, so nothing has to cross processes.
import type { Notice, Notifier } from "../../ports/notifier.ts";

export interface LocalNotifier extends Notifier {
  /** False when nobody listens: then making up notices is not worth it. */
  readonly listening: boolean;
  publish(notice: Notice): void;
}

export function createNotifier(): LocalNotifier {
  const listeners = new Set<{ readonly hear: (notice: Notice) => void }>();
  return {
    get listening() {
      return listeners.size > 0;
    },
    subscribe(listener) {
      const entry = { hear: listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    publish(notice) {
      for (const { hear } of [...listeners]) hear(notice);
    },
  };
}
