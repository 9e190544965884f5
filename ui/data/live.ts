// The one live stream of the page: it keeps the cache of jobs fresh, and says which other things are worth reading again.
// A page that nobody sees lets go of it after a while, and catches up when it is seen again.
import type { Connection, JobSummary } from "../../src/client/index.ts";
import { dropJobs, putJobs } from "./job-cache.ts";
import { KEYS, queries, server } from "./server.ts";
import { createSharedValue, useSharedValue } from "./shared-value.ts";
import { whileVisible } from "./while-visible.ts";

export type LiveState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Broken since then (epoch ms); it is tried again. */
  | { readonly kind: "broken"; readonly since: number; readonly problem: Error }
  /** Nobody looks. */
  | { readonly kind: "resting" };

/** Hears of jobs that changed. */
export type ChangeListener = (items: readonly JobSummary[], removed: readonly string[]) => void;

/** When the stream was refused. */
const AGAIN_AFTER_MS = 1_000;
/** Figures are read again at most this often. */
const FIGURES_EVERY_MS = 1_000;

const state = createSharedValue<LiveState>({ kind: "connecting" });
const changeListeners = new Set<ChangeListener>();
const resyncListeners = new Set<() => void>();

/** Calls `listener` for each change until the returned function is called. */
export function onJobsChange(listener: ChangeListener): () => void {
  changeListeners.add(listener);
  return () => changeListeners.delete(listener);
}

/** Calls `listener` whenever changes may have been missed. What was read through `queries` is read again without it. */
export function onResync(listener: () => void): () => void {
  resyncListeners.add(listener);
  return () => resyncListeners.delete(listener);
}

export const useLiveState = (): LiveState => useSharedValue(state);

/**
 * Follows all jobs until the returned function is called. `onRefused` hears when the server wants another credential; where
 * there is one by then, it goes on.
 */
export const startLive = (onRefused: () => Promise<void>): (() => void) =>
  whileVisible({
    work: (signal) => void follow(signal, onRefused),
    onRest: () => state.set({ kind: "resting" }),
  });

async function follow(signal: AbortSignal, onRefused: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of server.followAll({}, { signal, onConnection })) {
        if (event.kind === "jobs") take(event.items, event.removed);
        else resync();
      }
    } catch {
      if (signal.aborted) return;
      state.set({ kind: "connecting" });
      await onRefused();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}

function resync(): void {
  void queries.invalidateQueries();
  for (const listener of resyncListeners) listener();
}

function take(items: readonly JobSummary[], removed: readonly string[]): void {
  putJobs(items);
  dropJobs(removed);
  for (const listener of changeListeners) listener(items, removed);
  refreshFigures();
}

function onConnection(connection: Connection): void {
  if (connection.state === "open") state.set({ kind: "live" });
  else if (connection.state === "waiting" && state.get().kind !== "broken") {
    state.set({ kind: "broken", since: Date.now(), problem: connection.error });
  }
}

let areFiguresDue = false;

function refreshFigures(): void {
  if (areFiguresDue) return;
  areFiguresDue = true;
  setTimeout(() => {
    areFiguresDue = false;
    for (const queryKey of [KEYS.stats, KEYS.queues, KEYS.workers]) void queries.invalidateQueries({ queryKey });
  }, FIGURES_EVERY_MS);
}
