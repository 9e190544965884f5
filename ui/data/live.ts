// The one live stream of the page: it keeps the cache of jobs fresh, and says which other things are worth reading again.
// It follows all jobs, or the one that a page shows. A page that nobody sees lets go of it after a while, and catches up when
// it is seen again; of many pages that are seen a few have theirs at once, in turn.

import type { Connection, JobSummary } from "../../src/client/index.ts";
import { dropJobs, putJobs } from "./job-cache.ts";
import { KEYS, queries, server } from "./server.ts";
import { serverNow } from "./server-time.ts";
import { createSharedValue, useSharedValue } from "./shared-value.ts";
import { inTurn } from "./turns.ts";
import { whileVisible } from "./while-visible.ts";

export type LiveState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Broken since then (epoch ms); it is tried again. */
  | { readonly kind: "broken"; readonly since: number; readonly problem: Error }
  /** Nobody looks, or other pages have their turn. */
  | { readonly kind: "resting" };

/** Follows something until its signal aborts; before, it ends when there is no more to follow. */
export type Following = (signal: AbortSignal, onConnection: (connection: Connection) => void) => Promise<void>;

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

let other: Following | null = null;
let changing = new AbortController();

/** Follows this in place of all jobs, until the returned function is called. What it hears it says to `tellJobs`. */
export function followInstead(following: Following): () => void {
  change(following);
  return () => {
    if (other === following) change(null);
  };
}

function change(following: Following | null): void {
  other = following;
  changing.abort();
  changing = new AbortController();
}

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
    const own = AbortSignal.any([signal, changing.signal]);
    const following = other ?? followAll;
    try {
      const isOver = await inTurn({ signal: own, onWait }, (until) => following(until, onConnection));
      if (isOver && !own.aborted) other = null;
    } catch {
      if (own.aborted) continue;
      state.set({ kind: "connecting" });
      await onRefused();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}

async function followAll(signal: AbortSignal): Promise<void> {
  for await (const event of server.followAll({}, { signal, onConnection })) {
    if (event.kind === "jobs") tellJobs(event.items, event.removed);
    else resync();
  }
}

function resync(): void {
  void queries.invalidateQueries();
  for (const listener of resyncListeners) listener();
}

/** Says what changed to whoever shows it. */
export function tellJobs(items: readonly JobSummary[], removed: readonly string[]): void {
  putJobs(items);
  dropJobs(removed);
  for (const listener of changeListeners) listener(items, removed);
  refreshFigures();
}

/** Says what was read after a gap, as of `askedAt`, to whoever shows it: `null` for a job that is gone. */
export function tellRead(id: string, job: JobSummary | null, askedAt: number): void {
  if (job) putJobs([job], askedAt);
  else dropJobs([id]);
  for (const listener of changeListeners) listener(job ? [job] : [], job ? [] : [id]);
}

/** That the server is away stays told meanwhile. */
function onWait(): void {
  if (state.get().kind !== "broken") state.set({ kind: "resting" });
}

function onConnection(connection: Connection): void {
  if (connection.state === "open") {
    state.set({ kind: "live" });
    // All jobs say by themselves when something may have been missed.
    if (other) resync();
  } else if (connection.state === "waiting" && state.get().kind !== "broken") {
    state.set({ kind: "broken", since: serverNow(), problem: connection.error });
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
