// What may still start in one claim: the limits of queues, types and keys, less what holds a lease and what the claim has
// taken already. Counted while the limits are locked.
import type { RateLimit } from "../../domain/queue.ts";
import type { ClaimableType } from "../../ports/store.ts";
import { parseArray } from "../sql/rows.ts";
import type { Transaction } from "./database.ts";
import * as sql from "./queries/claims.ts";

/** Jobs of a queue and type that wait, and what is set for the queue. */
export interface Lane {
  readonly queue: string;
  readonly type: string;
  readonly concurrency: number | null;
  readonly rateLimit: RateLimit | null;
  /** When the first one becomes available whose time has not come. */
  readonly nextAt: number | null;
  /** Whether there is one whose time has come. */
  readonly ready: boolean;
}

export interface Room {
  /** Whether one more job of the lane may start, as far as its queue and type go. */
  has(lane: Lane): boolean;
  /** Whether leases that are held keep the lane from going on. */
  isFull(lane: Lane): boolean;
  perKeyOf(type: string): number | null;
  /** How many more jobs with this key may start. */
  ofKey(type: string, key: string | null): number;
  fullKeys(type: string): readonly string[];
  take(lane: Lane, key: string | null): void;
  /** What was taken of queues with a rate limit. */
  readonly started: ReadonlyMap<string, number>;
  /** In how many ms time alone lets a job of these lanes start; `null` when something else has to happen first. */
  nextInMs(lanes: readonly Lane[]): number | null;
}

export interface RoomOptions {
  readonly lanes: readonly Lane[];
  readonly types: ReadonlyMap<string, ClaimableType>;
  readonly now: number;
}

/** Without a limit: this much. */
const ANY = Number.POSITIVE_INFINITY;

interface Start {
  readonly at: number;
  readonly jobs: number;
}

/** How much of each name. */
function createTally() {
  const counts = new Map<string, number>();
  const of = (name: string): number => counts.get(name) ?? 0;
  return { counts, of, add: (name: string, more: number) => void counts.set(name, of(name) + more) };
}

const keyName = (type: string, key: string) => `${type}\n${key}`;

export async function createRoom(transaction: Transaction, { lanes, types, now }: RoomOptions): Promise<Room> {
  const queues = createTally();
  const ofTypes = createTally();
  const keys = createTally();
  for (const row of await transaction.run(sql.leased)) {
    const [queue, type, key, jobs] = parseArray(row.held, 4);
    queues.add(String(queue), Number(jobs));
    ofTypes.add(String(type), Number(jobs));
    if (key !== null) keys.add(keyName(String(type), String(key)), Number(jobs));
  }
  const windows = await readStarts(transaction, lanes);
  const started = createTally();
  const typeLimit = (type: string) => types.get(type)?.concurrency ?? ANY;
  const perKeyOf = (type: string) => types.get(type)?.perKey ?? null;

  const hasSlot = ({ queue, type, concurrency }: Lane) =>
    ofTypes.of(type) < typeLimit(type) && queues.of(queue) < (concurrency ?? ANY);
  const startsOf = ({ queue, rateLimit }: Lane) =>
    rateLimit === null ? ANY : rateLimit.max - sumOf(windows.get(queue) ?? []) - started.of(queue);

  function waitMs(lane: Lane): number | null {
    const { queue, rateLimit } = lane;
    if (!hasSlot(lane)) return null;
    if (rateLimit === null || startsOf(lane) > 0) return 0;
    const all = [
      ...(windows.get(queue) ?? []),
      ...(started.of(queue) > 0 ? [{ at: now, jobs: started.of(queue) }] : []),
    ];
    let tooMany = sumOf(all) + 1 - rateLimit.max;
    for (const { at, jobs } of all) {
      tooMany -= jobs;
      if (tooMany <= 0) return Math.max(0, at + rateLimit.perMs - now);
    }
    return rateLimit.perMs;
  }

  return {
    started: started.counts,
    perKeyOf,
    isFull: (lane) => !hasSlot(lane),
    has: (lane) => hasSlot(lane) && startsOf(lane) > 0,
    ofKey(type, key) {
      const limit = key === null ? null : perKeyOf(type);
      return key === null || limit === null ? ANY : limit - keys.of(keyName(type, key));
    },
    fullKeys(type) {
      const limit = perKeyOf(type) ?? ANY;
      const prefix = keyName(type, "");
      return [...keys.counts].flatMap(([name, held]) =>
        name.startsWith(prefix) && held >= limit ? [name.slice(prefix.length)] : [],
      );
    },
    take({ queue, type, rateLimit }, key) {
      queues.add(queue, 1);
      ofTypes.add(type, 1);
      if (key !== null) keys.add(keyName(type, key), 1);
      if (rateLimit !== null) started.add(queue, 1);
    },
    nextInMs(all) {
      const times = all.flatMap((lane) => {
        const wait = waitMs(lane);
        if (wait === null) return [];
        if (wait > 0 && lane.ready) return [wait];
        return lane.nextAt === null ? [] : [Math.max(wait, lane.nextAt - now)];
      });
      return times.length === 0 ? null : Math.min(...times);
    },
  };
}

const sumOf = (starts: readonly Start[]): number => starts.reduce((sum, { jobs }) => sum + jobs, 0);

/** The starts that still count, oldest first, of each queue with a rate limit. */
async function readStarts(
  transaction: Transaction,
  lanes: readonly Lane[],
): Promise<ReadonlyMap<string, readonly Start[]>> {
  const windows = new Map<string, readonly Start[]>();
  for (const { queue, rateLimit } of lanes) {
    if (rateLimit === null || windows.has(queue)) continue;
    await transaction.run(sql.forgetStarts, queue, rateLimit.perMs);
    const rows = await transaction.run(sql.starts, queue);
    windows.set(
      queue,
      rows.map((row) => {
        const [at, jobs] = parseArray(row.start, 2);
        return { at: Number(at), jobs: Number(jobs) };
      }),
    );
  }
  return windows;
}
