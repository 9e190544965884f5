// Where jobs wait, in the memory of the only writer: a lane for each type and queue with waiting jobs, with what goes next
// in it; and how many jobs of each type and queue hold a lease. So a claim neither counts rows nor looks where nothing waits.
// Invariant: what a lane knows is so in the present transaction: whatever changes its waiting jobs makes it forget.
import { isLeased } from "../../domain/lifecycle.ts";
import type { Candidate } from "./candidate.ts";
import type { CountWatcher, Place } from "./job-counts.ts";

/** The claimable jobs of a lane without a concurrency key, or those with one: one range of an index, in claim order. */
export interface Line {
  readonly keyed: boolean;
  /** The first of the range. `null`: there is none, `undefined`: look. */
  head: Candidate | null | undefined;
  /** Every job of it was beyond the limit of its key. */
  stuck: KeyUse | null;
  /** The key after which the next walk from key to key goes on. */
  walkedTo: string | null;
  /** Walks that have found nothing so far: the key after which the first of them began, and whether they met the last key. */
  circle: { readonly as: KeyUse; readonly began: string | null; readonly wrapped: boolean } | null;
}

/** What decides which keys have room, besides the jobs that wait: as long as it is the same, none gets room. */
export interface KeyUse {
  readonly perKey: number | null;
  /** Leases of the type that have ended. */
  readonly released: number;
}

export const isSame = (then: KeyUse | undefined | null, now: KeyUse): boolean =>
  then?.perKey === now.perKey && then.released === now.released;

export interface Lane {
  readonly type: TypeUse;
  readonly queue: QueueUse;
  readonly lines: readonly [plain: Line, keyed: Line];
  waiting: number;
  /** When the next of its scheduled jobs becomes available. `null`: there is none, `undefined`: look. */
  nextAt: number | null | undefined;
}

export interface TypeUse {
  readonly name: string;
  readonly lanes: Map<string, Lane>;
  leased: number;
  /** Leases that ended since the start: a change means that a key may have room again. */
  released: number;
  /** A claim stepped over jobs because of a limit of the type: it wants to hear when a lease ends. */
  awaited: boolean;
}

export interface QueueUse {
  readonly name: string;
  leased: number;
  lanes: number;
  /** As that of the type. */
  awaited: boolean;
}

export interface Lanes extends CountWatcher {
  of(type: string): TypeUse | undefined;
  /** Waiting jobs of a place are as many as before, but one of them has another priority, time or key. */
  reordered(place: Place): void;
  commit(): void;
  rollback(): void;
  /** Whether a lease ended that a claim waits for, since this was asked last. */
  takeReleased(): boolean;
}

const createLine = (keyed: boolean): Line => ({ keyed, head: undefined, stuck: null, walkedTo: null, circle: null });

/** Says that nothing is known of what waits in the lane. */
export function forget(lane: Lane): void {
  lane.nextAt = undefined;
  for (const line of lane.lines) {
    line.head = undefined;
    line.stuck = null;
    line.circle = null;
  }
}

export function createLanes(): Lanes {
  const types = new Map<string, TypeUse>();
  const queues = new Map<string, QueueUse>();
  /** In the present transaction, and in those that were committed. */
  const released = { now: false, committed: false };

  function typeOf(name: string): TypeUse {
    const known = types.get(name);
    if (known) return known;
    const use: TypeUse = { name, lanes: new Map(), leased: 0, released: 0, awaited: false };
    types.set(name, use);
    return use;
  }

  function queueOf(name: string): QueueUse {
    const known = queues.get(name);
    if (known) return known;
    const use: QueueUse = { name, leased: 0, lanes: 0, awaited: false };
    queues.set(name, use);
    return use;
  }

  function laneOf(type: TypeUse, queue: QueueUse): Lane {
    const known = type.lanes.get(queue.name);
    if (known) return known;
    const lines = [createLine(false), createLine(true)] as const;
    const lane: Lane = { type, queue, lines, waiting: 0, nextAt: undefined };
    type.lanes.set(queue.name, lane);
    queue.lanes += 1;
    return lane;
  }

  function changeWaiting(type: TypeUse, queue: QueueUse, by: number): void {
    const lane = laneOf(type, queue);
    lane.waiting += by;
    if (lane.waiting > 0) return;
    type.lanes.delete(queue.name);
    queue.lanes -= 1;
  }

  function changeLeased(type: TypeUse, queue: QueueUse, by: number): void {
    type.leased += by;
    queue.leased += by;
    if (by > 0) return;
    type.released += 1;
    // Also when a held job only changes from one leased state to another: a claim too many, now and then.
    if (type.awaited || queue.awaited) released.now = true;
  }

  function forgetAt({ type, queue }: Place): void {
    const lane = types.get(type)?.lanes.get(queue);
    if (lane) forget(lane);
  }

  return {
    of: (type) => types.get(type),
    changed(place, state, by) {
      if (state !== "queued" && !isLeased(state)) return;
      const queue = queueOf(place.queue);
      const type = typeOf(place.type);
      if (state === "queued") changeWaiting(type, queue, by);
      else changeLeased(type, queue, by);
      if (queue.leased === 0 && queue.lanes === 0) queues.delete(queue.name);
    },
    moved(place, from, to) {
      // A claim alone knows what is left of the lanes that it takes from.
      if (to === "queued" || (from === "queued" && to !== "running")) forgetAt(place);
    },
    reordered: forgetAt,
    commit() {
      released.committed ||= released.now;
      released.now = false;
    },
    rollback() {
      released.now = false;
      for (const type of types.values()) for (const lane of type.lanes.values()) forget(lane);
    },
    takeReleased() {
      const was = released.committed;
      released.committed = false;
      return was;
    },
  };
}
