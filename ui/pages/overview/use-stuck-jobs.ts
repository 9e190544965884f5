// The jobs that hold a slot and do not get on. The server lists no such, so those that run are looked through once, and
// whatever changes after that is told by the live stream.
import { useEffect, useState } from "react";
import type { JobSummary } from "../../../src/client/index.ts";
import { LEASED_STATES } from "../../../src/domain/lifecycle.ts";
import { moment, putJobs } from "../../data/job-cache.ts";
import { onJobsChange, onResync } from "../../data/live.ts";
import { server } from "../../data/server.ts";
import { isStuck } from "../../state/state-view.ts";

/** Running jobs that are looked through, those that run the longest first. */
const LOOKED_THROUGH = 1_000;
const PAGE = 200;

type Stuck = ReadonlyMap<string, JobSummary>;

/** Those that are stuck the longest first. */
export function useStuckJobs(): readonly JobSummary[] {
  const [stuck, setStuck] = useState<Stuck>(new Map());
  useEffect(() => {
    const take = (items: readonly JobSummary[], removed: readonly string[] = []) =>
      setStuck((before) => takenInto(before, items, removed));
    const own = new AbortController();
    const look = () => void lookThrough(take, own.signal).catch(() => undefined);
    look();
    const stops = [onJobsChange(take), onResync(look)];
    return () => {
      for (const stop of stops) stop();
      own.abort();
    };
  }, []);
  return [...stuck.values()];
}

async function lookThrough(take: (items: readonly JobSummary[]) => void, signal: AbortSignal): Promise<void> {
  let cursor: string | undefined;
  for (let seen = 0; seen < LOOKED_THROUGH; seen += PAGE) {
    const askedAt = moment();
    const page = await server.list({ state: LEASED_STATES, order: "oldest", limit: PAGE, cursor }, { signal });
    const stuck = page.items.filter(isStuck);
    putJobs(stuck, askedAt);
    take(stuck);
    if (page.nextCursor === null) return;
    cursor = page.nextCursor;
  }
}

/** The same map when nothing changed, so that nothing is drawn again. */
function takenInto(before: Stuck, items: readonly JobSummary[], removed: readonly string[]): Stuck {
  const changed = items.filter((job) => isStuck(job) || before.has(job.id));
  const gone = removed.filter((id) => before.has(id));
  if (changed.length === 0 && gone.length === 0) return before;
  const next = new Map(before);
  for (const job of changed)
    if (isStuck(job)) next.set(job.id, job);
    else next.delete(job.id);
  for (const id of gone) next.delete(id);
  return next;
}
