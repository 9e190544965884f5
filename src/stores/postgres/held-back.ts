// Lanes in which a claim of this process found jobs that wait for a lease to end. Whoever ends one then says that there is
// work; other processes hear of it as of any work, or look for themselves.
import type { JobChange } from "../../ports/notifier.ts";
import type { LocalNotifier } from "../sql/notifier.ts";

type Place = Pick<JobChange, "type" | "queue">;

export interface HeldBack {
  add(place: Place): void;
  /** Leases of these jobs have ended. */
  release(jobs: readonly Place[]): void;
}

export function createHeldBack(notifier: LocalNotifier): HeldBack {
  const types = new Set<string>();
  const queues = new Set<string>();
  return {
    add({ type, queue }) {
      types.add(type);
      queues.add(queue);
    },
    release(jobs) {
      if (types.size === 0 || !jobs.some(({ type, queue }) => types.has(type) || queues.has(queue))) return;
      types.clear();
      queues.clear();
      notifier.publish({ kind: "work", inMs: 0 });
    },
  };
}
