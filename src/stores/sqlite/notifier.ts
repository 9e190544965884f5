// Tells listeners in this process what was committed. One process owns the store, so nothing has to cross processes.
import type { Clock } from "../../ports/clock.ts";
import type { JobChange, Notice, Notifier } from "../../ports/notifier.ts";

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

/** What a notice says of a job. */
export const changeOf = ({ id, type, queue, state, phase }: JobChange): JobChange => ({
  id,
  type,
  queue,
  state,
  phase,
});

/** Says that jobs moved, and that there is work where some of them wait now. */
export function publishMoved(
  notifier: LocalNotifier,
  moved: readonly (JobChange & { readonly availableAt: number })[],
): void {
  if (moved.length === 0 || !notifier.listening) return;
  notifier.publish({ kind: "changed", jobs: moved.map(changeOf) });
  const waiting = moved.filter((job) => job.state === "queued");
  if (waiting.length === 0) return;
  const availableAt = waiting.reduce((earliest, job) => Math.min(earliest, job.availableAt), Number.MAX_SAFE_INTEGER);
  notifier.announceWork(availableAt);
}
