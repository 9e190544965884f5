// The one live stream of the page: it keeps the cache of jobs fresh, and says which other things are worth reading again.
// A page that nobody sees lets go of it after a while, and catches up when it is seen again.
import { useSyncExternalStore } from "react";
import type { JobSummary } from "../../src/client/index.ts";
import { dropJobs, putJobs } from "./job-cache.ts";
import { KEYS, queries, server } from "./server.ts";

export type LiveState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Broken since then (epoch ms); it is tried again. */
  | { readonly kind: "broken"; readonly since: number; readonly problem: Error }
  /** Nobody looks. */
  | { readonly kind: "resting" };

/** Hears of jobs that changed. */
export type ChangeListener = (items: readonly JobSummary[], removed: readonly string[]) => void;

const REST_AFTER_MS = 30_000;
/** When the stream was refused. */
const AGAIN_AFTER_MS = 1_000;
/** Figures are read again at most this often. */
const FIGURES_EVERY_MS = 1_000;

let state: LiveState = { kind: "connecting" };
const stateListeners = new Set<() => void>();
const changeListeners = new Set<ChangeListener>();
const resyncListeners = new Set<() => void>();

function setState(next: LiveState): void {
  state = next;
  for (const listener of stateListeners) listener();
}

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

export const useLiveState = (): LiveState =>
  useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    () => state,
  );

/**
 * Follows all jobs until the returned function is called. `onRefused` hears when the server wants another credential; where
 * there is one by then, it goes on.
 */
export function startLive(onRefused: () => Promise<void>): () => void {
  let following = new AbortController();
  let resting: ReturnType<typeof setTimeout> | undefined;
  void follow(following.signal, onRefused);

  const onVisibility = () => {
    clearTimeout(resting);
    if (document.hidden) {
      resting = setTimeout(() => {
        following.abort();
        setState({ kind: "resting" });
      }, REST_AFTER_MS);
    } else if (following.signal.aborted) {
      following = new AbortController();
      void follow(following.signal, onRefused);
    }
  };
  document.addEventListener("visibilitychange", onVisibility);
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    clearTimeout(resting);
    following.abort();
  };
}

async function follow(signal: AbortSignal, onRefused: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of server.followAll({}, { signal, onConnection })) {
        if (event.kind === "jobs") take(event.items, event.removed);
        else resync();
      }
    } catch {
      if (signal.aborted) return;
      setState({ kind: "connecting" });
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

type Connection = Parameters<NonNullable<NonNullable<Parameters<typeof server.followAll>[1]>["onConnection"]>>[0];

function onConnection(connection: Connection): void {
  if (connection.state === "open") setState({ kind: "live" });
  else if (connection.state === "waiting" && state.kind !== "broken") {
    setState({ kind: "broken", since: Date.now(), problem: connection.error });
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
