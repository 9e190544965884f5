// Tells listeners in this process what was committed, and whoever carries it to other processes, where there are any.
import type { JobChange, Notice, Notifier } from "../../ports/notifier.ts";

export interface LocalNotifier extends Notifier {
  /** False when nobody listens: then making up notices is not worth it. */
  readonly listening: boolean;
  /** Tells everybody, in this process and in others. */
  publish(notice: Notice): void;
  /** Tells this process only: what others said, or what is nobody else's business. */
  tell(notice: Notice): void;
  /** Says that there is work from `availableAt` (epoch ms, by the store's clock) on. */
  announceWork(availableAt: number): void;
}

export interface NotifierOptions {
  /** Wall time by the store's clock. */
  now(): number;
  /** Carries a notice to other processes. */
  announce?(notice: Notice): void;
}

export function createNotifier(options: NotifierOptions): LocalNotifier {
  const listeners = new Set<{ readonly hear: (notice: Notice) => void }>();
  const tell = (notice: Notice) => {
    for (const { hear } of [...listeners]) hear(notice);
  };
  const publish = (notice: Notice) => {
    tell(notice);
    options.announce?.(notice);
  };
  return {
    get listening() {
      return options.announce !== undefined || listeners.size > 0;
    },
    subscribe(listener) {
      const entry = { hear: listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    publish,
    tell,
    announceWork: (availableAt) => publish({ kind: "work", inMs: Math.max(0, availableAt - options.now()) }),
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
