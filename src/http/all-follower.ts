// Follows all jobs that match a filter. All it keeps is a position in the ring: being slow, being away and being behind
// are the same thing.
import type { JobFilter } from "../domain/job-control.ts";
import type { ChangeRing, Slice } from "./change-ring.ts";
import { formatEventId, parseEventId } from "./event-id.ts";
import type { EventSink } from "./event-sink.ts";
import { type Follower, jobsFrame, RESYNC_FRAME } from "./follower.ts";
import { judge, mayMatch } from "./job-filter.ts";

/** Jobs in one frame: what is more comes in the next. */
const FRAME_JOBS_MAX = 500;

export interface AllFollowerOptions {
  readonly sink: EventSink;
  readonly ring: ChangeRing;
  readonly bootId: string;
  readonly filter: JobFilter;
  readonly lastEventId: string | undefined;
}

export function createAllFollower({ sink, ring, bootId, filter, lastEventId }: AllFollowerOptions): Follower {
  const wants = JSON.stringify([filter.type, filter.queue]);
  let position = 0;
  let slice: Slice | null = null;

  function moveTo(next: number, event: string | null, json = RESYNC_FRAME): void {
    position = next;
    if (event) sink.send(event, formatEventId({ bootId, position, logSeq: null }), json);
  }

  const resumed = parseEventId(lastEventId);
  if (resumed?.bootId === bootId && ring.knows(resumed.position)) moveTo(resumed.position, null);
  else moveTo(ring.head, "resync");

  return {
    sink,
    get pending() {
      return position !== ring.head;
    },
    prepare(slices) {
      const key = `${position} ${wants}`;
      if (!slices.has(key))
        slices.set(
          key,
          ring.since(position, FRAME_JOBS_MAX, (change) => mayMatch(filter, change)),
        );
      slice = slices.get(key) ?? null;
      return [...(slice?.changes.values() ?? [])].filter((change) => !change.removed).map((change) => change.id);
    },
    tell(fresh) {
      if (!slice) return moveTo(ring.head, "resync");
      const items: string[] = [];
      const removed: string[] = [];
      for (const id of slice.changes.keys()) {
        const job = fresh.get(id);
        const verdict = job ? judge(filter, job.summary) : "left";
        if (job && verdict === "shown") items.push(job.json);
        if (verdict === "left") removed.push(id);
      }
      const telling = items.length > 0 || removed.length > 0;
      return moveTo(slice.end, telling ? "jobs" : null, jobsFrame(items, removed));
    },
  };
}
