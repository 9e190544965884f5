// What may still start in one claim: the limits of types, keys and queues, less what holds a lease and what the claim has
// taken already. Invariant: a claim takes no more than there is room for, however many limits meet in a job.
import type { ClaimableType } from "../../ports/store.ts";
import type { KeyUse, Lane, QueueUse, TypeUse } from "./lanes.ts";
import type { Moment } from "./protocol.ts";
import type { QueueSettings } from "./queues.ts";
import type { Starts } from "./starts.ts";

export interface Room {
  /** Whether one more job of the lane may start, as far as its type and queue go. */
  has(lane: Lane): boolean;
  /** In how many ms time alone makes room in the lane, 0 when there is some. `null`: something else has to happen first. */
  waitMs(lane: Lane): number | null;
  /** How many more jobs with this key may start; with `null` there is no limit. */
  ofKey(type: TypeUse, key: string | null): number;
  keyUse(type: TypeUse): KeyUse;
  take(lane: Lane, key: string | null): void;
  /** What was taken of queues with a rate limit. */
  readonly started: ReadonlyMap<string, number>;
}

export interface RoomSources {
  readonly settings: QueueSettings;
  readonly starts: Starts;
  /** How many jobs of a type and key hold a lease. */
  heldOfKey(type: string, key: string): number;
}

/** Without limits: this much. */
const ANY = Number.POSITIVE_INFINITY;

interface TypeRoom {
  slots: number;
}

interface QueueRoom {
  readonly paused: boolean;
  /** By its concurrency. */
  slots: number;
  /** By its rate limit. */
  starts: number;
}

interface LaneRoom {
  readonly type: TypeRoom;
  readonly queue: QueueRoom;
}

export type CreateRoom = (types: ReadonlyMap<string, ClaimableType>, moment: Moment) => Room;

/** Creates a value for each key, the first time that it is asked for. */
function remembered<K, V>(create: (key: K) => V): (key: K) => V {
  const values = new Map<K, V>();
  return (key) => {
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = create(key);
    values.set(key, value);
    return value;
  };
}

export function createRooms({ settings, starts, heldOfKey }: RoomSources): CreateRoom {
  function roomOf({ name, leased }: QueueUse, moment: Moment): QueueRoom {
    const setting = settings.of(name);
    if (!setting) return { paused: false, slots: ANY, starts: ANY };
    const { paused, concurrency, rateLimit } = setting;
    return {
      paused: paused !== null,
      slots: concurrency === null ? ANY : concurrency - leased,
      starts: rateLimit === null ? ANY : starts.room(name, rateLimit, moment),
    };
  }

  return (types, moment) => {
    const ofType = remembered((type: TypeUse): TypeRoom => {
      return { slots: (types.get(type.name)?.concurrency ?? ANY) - type.leased };
    });
    const ofQueue = remembered((queue: QueueUse) => roomOf(queue, moment));
    const ofLane = remembered((lane: Lane): LaneRoom => ({ type: ofType(lane.type), queue: ofQueue(lane.queue) }));
    const keys = new Map<string, number>();
    const started = new Map<string, number>();
    const perKey = (type: TypeUse): number | null => types.get(type.name)?.perKey ?? null;

    /** Whether leases that are held keep the lane from going on; if so, somebody has to be told when one ends. */
    function full(lane: Lane): boolean {
      const { type, queue } = ofLane(lane);
      if (type.slots <= 0) lane.type.awaited = true;
      else if (queue.slots <= 0) lane.queue.awaited = true;
      else return false;
      return true;
    }

    function ofKey(type: TypeUse, key: string | null): number {
      const limit = key === null ? null : perKey(type);
      if (key === null || limit === null) return ANY;
      const name = `${type.name}\0${key}`;
      const known = keys.get(name);
      if (known !== undefined) return known;
      const room = limit - heldOfKey(type.name, key);
      keys.set(name, room);
      return room;
    }

    return {
      started,
      ofKey,
      keyUse: (type) => ({ perKey: perKey(type), released: type.released }),
      has(lane) {
        const { paused, starts: left } = ofLane(lane).queue;
        return !paused && !full(lane) && left > 0;
      },
      waitMs(lane) {
        const { paused, starts: left } = ofLane(lane).queue;
        if (paused || full(lane)) return null;
        const rateLimit = settings.of(lane.queue.name)?.rateLimit;
        return left > 0 || !rateLimit ? 0 : starts.roomInMs(lane.queue.name, rateLimit, moment);
      },
      take(lane, key) {
        const { type, queue } = ofLane(lane);
        type.slots -= 1;
        queue.slots -= 1;
        queue.starts -= 1;
        if (queue.starts !== ANY) started.set(lane.queue.name, (started.get(lane.queue.name) ?? 0) + 1);
        const ofThisKey = ofKey(lane.type, key);
        if (ofThisKey !== ANY) keys.set(`${lane.type.name}\0${key}`, ofThisKey - 1);
      },
    };
  };
}
