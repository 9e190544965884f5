// What may still start in one claim: the limits of types, keys and queues, less what holds a lease and what the claim has
// taken already. Invariant: a claim takes no more than there is room for, however many limits meet in a job.
import type { RateLimit } from "../../domain/queue.ts";
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

interface QueueRoom {
  readonly paused: boolean;
  readonly rateLimit: RateLimit | null;
  /** By its concurrency. */
  slots: number;
  /** By its rate limit. */
  starts: number;
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
  /** `null`: without limits, as nearly all are. */
  function roomOf({ name, leased }: QueueUse, moment: Moment): QueueRoom | null {
    const setting = settings.of(name);
    if (!setting) return null;
    const { paused, concurrency, rateLimit } = setting;
    return {
      paused: paused !== null,
      rateLimit,
      slots: concurrency === null ? ANY : concurrency - leased,
      starts: rateLimit === null ? ANY : starts.room(name, rateLimit, moment),
    };
  }

  return (types, moment) => {
    const ofType = remembered((type: TypeUse) => {
      const { concurrency = null, perKey = null } = types.get(type.name) ?? {};
      return { slots: concurrency === null ? ANY : concurrency - type.leased, perKey };
    });
    const limited = remembered((queue: QueueUse) => roomOf(queue, moment));
    const ofQueue = (queue: QueueUse) => (settings.of(queue.name) ? limited(queue) : null);
    const keys = new Map<string, number>();
    const started = new Map<string, number>();

    /** Whether leases that are held keep the lane from going on; if so, somebody has to be told when one ends. */
    function isFull({ type, queue }: Lane, room: QueueRoom | null): boolean {
      if (ofType(type).slots <= 0) type.awaited = true;
      else if (room && room.slots <= 0) queue.awaited = true;
      else return false;
      return true;
    }

    function ofKey(type: TypeUse, key: string | null): number {
      const limit = key === null ? null : ofType(type).perKey;
      if (key === null || limit === null) return ANY;
      const name = `${type.name}\0${key}`;
      const known = keys.get(name);
      if (known !== undefined) return known;
      const room = limit - heldOfKey(type.name, key);
      keys.set(name, room);
      return room;
    }

    function waitMs(lane: Lane): number | null {
      const room = ofQueue(lane.queue);
      if (room?.paused || isFull(lane, room)) return null;
      return room?.rateLimit && room.starts <= 0 ? starts.roomInMs(lane.queue.name, room.rateLimit, moment) : 0;
    }

    return {
      started,
      ofKey,
      waitMs,
      keyUse: (type) => ({ perKey: ofType(type).perKey, released: type.released }),
      has(lane) {
        const room = ofQueue(lane.queue);
        return !room?.paused && !isFull(lane, room) && (room === null || room.starts > 0);
      },
      take(lane, key) {
        ofType(lane.type).slots -= 1;
        const room = ofQueue(lane.queue);
        if (room) {
          room.slots -= 1;
          room.starts -= 1;
          if (room.rateLimit) started.set(lane.queue.name, (started.get(lane.queue.name) ?? 0) + 1);
        }
        const ofThisKey = ofKey(lane.type, key);
        if (ofThisKey !== ANY) keys.set(`${lane.type.name}\0${key}`, ofThisKey - 1);
      },
    };
  };
}
