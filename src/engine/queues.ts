// Queues, as operators see and set them: what the store keeps of each, beside how many jobs it holds.
import { invalidRequest } from "../domain/errors.ts";
import { isLeased, type State } from "../domain/lifecycle.ts";
import { LIMITS } from "../domain/limits.ts";
import type { Queue, QueueEdit, QueueRecord } from "../domain/queue.ts";
import type { JobCount, QueueChange, Store } from "../ports/store.ts";
import { LOCAL_ACTOR } from "./control.ts";
import type { Queues } from "./manager.ts";
import { checkInteger, checkQueueName } from "./submit-checks.ts";

type Sizes = Pick<Queue, "waiting" | "running" | "pausedJobs">;

const EMPTY: Sizes = { waiting: 0, running: 0, pausedJobs: 0 };

export function createQueues(store: Pick<Store, "queues" | "stats">): Queues {
  const set = async (change: QueueChange): Promise<Queue> => {
    checkQueueName("The queue's name", change.name);
    const record = await store.queues.setQueue(change);
    return toQueue(record, sizesOf(await store.stats.counts()).get(record.name));
  };
  return {
    async list() {
      const [records, counts] = await Promise.all([store.queues.queues(), store.stats.counts()]);
      const sizes = sizesOf(counts);
      const known = new Map(records.map((record) => [record.name, record]));
      const names = [...new Set([...known.keys(), ...sizes.keys()])].sort();
      return names.map((name) => toQueue(known.get(name) ?? unset(name), sizes.get(name)));
    },
    pause: (name, { actor = LOCAL_ACTOR, reason = null } = {}) => set({ name, paused: { actor, reason } }),
    resume: (name) => set({ name, paused: null }),
    async edit(name, change) {
      checkEdit(change);
      return set({ name, ...change });
    },
  };
}

function checkEdit({ concurrency, rateLimit }: QueueEdit): void {
  if (concurrency === undefined && rateLimit === undefined) {
    throw invalidRequest("The edit names nothing to change: give concurrency or rateLimit; null takes a limit away.");
  }
  if (concurrency != null) checkInteger("concurrency", concurrency, { from: 1, to: LIMITS.concurrency });
  if (rateLimit == null) return;
  checkInteger("rateLimit.max", rateLimit.max, { from: 1, to: LIMITS.rateMax });
  checkInteger("rateLimit.perMs", rateLimit.perMs, { from: 1, to: LIMITS.ratePerMs });
}

/** Queues that hold unfinished jobs. */
function sizesOf(counts: readonly JobCount[]): ReadonlyMap<string, Sizes> {
  const sizes = new Map<string, Sizes>();
  for (const { queue, state, jobs } of counts) {
    const place = placeOf(state);
    if (place === null) continue;
    const size = sizes.get(queue) ?? EMPTY;
    sizes.set(queue, { ...size, [place]: size[place] + jobs });
  }
  return sizes;
}

function placeOf(state: State): keyof Sizes | null {
  if (state === "queued") return "waiting";
  if (state === "paused") return "pausedJobs";
  return isLeased(state) ? "running" : null;
}

const unset = (name: string): QueueRecord => ({ name, paused: null, concurrency: null, rateLimit: null });

const toQueue = (record: QueueRecord, sizes: Sizes = EMPTY): Queue => ({
  ...record,
  ...sizes,
  paused: record.paused && { ...record.paused, at: new Date(record.paused.at).toISOString() },
});
