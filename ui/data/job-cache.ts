// The newest summary of each job that the page has seen. Lists and the live stream put them in; whoever shows one job hears
// of that job alone, at most once a frame, so that a thousand running jobs cost what is on the screen.
import { useCallback, useSyncExternalStore } from "react";
import type { JobSummary } from "../../src/client/index.ts";
import { createNewestJobs } from "./newest-jobs.ts";

export { moment } from "./newest-jobs.ts";

const listeners = new Map<string, Set<() => void>>();
const changed = new Set<string>();
let isScheduled = false;

const newest = createNewestJobs({
  isShown: (id) => listeners.has(id),
  onChange(id) {
    if (!listeners.has(id)) return;
    changed.add(id);
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(tell);
  },
});

/** Takes what the live stream tells; or what was read, with the moment (`moment()`) at which it was asked for. */
export const putJobs: typeof newest.put = (items, askedAt) => newest.put(items, askedAt);

/** These were deleted. */
export const dropJobs = (ids: readonly string[]): void => newest.drop(ids);

/** The summary, `null` when the job was deleted, `undefined` when it was never seen. */
export const cachedJob = (id: string): JobSummary | null | undefined => newest.get(id);

/** The job as it is, or `known` where nothing newer was heard; `null` when it was deleted. */
export function useJob(id: string, known?: JobSummary): JobSummary | null | undefined {
  const subscribe = useCallback((listener: () => void) => listen(id, listener), [id]);
  const cached = useSyncExternalStore(subscribe, () => newest.get(id));
  return cached === undefined ? known : cached;
}

function tell(): void {
  isScheduled = false;
  const ids = [...changed];
  changed.clear();
  for (const id of ids) for (const listener of listeners.get(id) ?? []) listener();
}

function listen(id: string, listener: () => void): () => void {
  const own = listeners.get(id) ?? new Set();
  listeners.set(id, own.add(listener));
  return () => {
    own.delete(listener);
    if (own.size === 0) listeners.delete(id);
  };
}
