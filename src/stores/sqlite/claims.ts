// Hands waiting jobs to workers (on the writer's thread), and tells them when time alone will make more claimable.
// Invariant: jobs beyond a limit, of paused queues, or of a later time cost a claim nothing, however many they are.
import type { DatabaseSync } from "node:sqlite";
import type { ClaimableType, ClaimRequest } from "../../ports/store.ts";
import { integerOf, textOf } from "../sql/rows.ts";
import type { JobCounts } from "./job-counts.ts";
import type { Lane, Lanes } from "./lanes.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/claims.ts";
import { workerAlive } from "./queries/workers.ts";
import { type CreateRoom, createRooms, type Room, type RoomSources } from "./room.ts";
import { type Choice, createSelect } from "./selection.ts";

export interface ClaimOptions extends Omit<RoomSources, "heldOfKey"> {
  readonly counts: JobCounts;
  readonly lanes: Lanes;
}

type Types = ReadonlyMap<string, ClaimableType>;

/** What a claim is for; without queues: for all. */
interface Wanted {
  readonly types: Types;
  readonly queues: ReadonlySet<string> | null;
}

export function createClaims(db: DatabaseSync, options: ClaimOptions) {
  const { lanes } = options;
  const alive = db.prepare(workerAlive);
  const heldOfKey = db.prepare(sql.heldOfKey);
  const select = createSelect(db);
  const take = createTake(db, options);
  const createRoom: CreateRoom = createRooms({
    ...options,
    heldOfKey: (type, key) => integerOf(heldOfKey.get(type, key), "held"),
  });

  function lanesOf({ types, queues }: Wanted): Lane[] {
    const found: Lane[] = [];
    for (const name of types.keys()) {
      const type = lanes.of(name);
      if (!type) continue;
      const wanted = [...type.lanes.values()].filter(({ queue }) => queues === null || queues.has(queue.name));
      // Else somebody whose queues are others may still wait for the type.
      if (wanted.length === type.lanes.size) type.awaited = false;
      for (const lane of wanted) {
        lane.queue.awaited = false;
        found.push(lane);
      }
    }
    return found;
  }

  return {
    /** `wantedText`: `types` and `queues` of a `ClaimRequest`. Answers `[alive, nextInMs, records]`, in claim order. */
    claim(moment: Moment, workerId: string, wantedText: string, limit: number): string {
      if (alive.get(workerId, moment.monotonic) === undefined) return "[false,null,[]]";
      const wanted = wantedOf(wantedText);
      const { types } = wanted;
      const present = lanesOf(wanted);
      const room = createRoom(types, moment);
      const { chosen, more } = select({ lanes: present, room, limit, now: moment.now });
      const records = chosen.length === 0 ? [] : take({ chosen, room, workerId, moment });
      const next = more ? 0 : nextInMs(present, createRoom(types, moment), moment.now);
      return `[true,${next},[${records.join()}]]`;
    },
  };
}

function wantedOf(text: string): Wanted {
  const { types, queues }: Required<Pick<ClaimRequest, "types" | "queues">> = JSON.parse(text);
  return { types: new Map(types.map((type) => [type.name, type])), queues: queues && new Set(queues) };
}

/** When a job becomes available, or a rate limit lets one start. What waits for a lease to end has no time. */
function nextInMs(lanes: readonly Lane[], room: Room, now: number): number | null {
  let earliest: number | null = null;
  for (const lane of lanes) {
    const waitMs = lane.waiting === 0 ? null : room.waitMs(lane);
    if (waitMs === null) continue;
    const isReady = waitMs > 0 && lane.lines.some(({ head }) => head !== null);
    const scheduledInMs = typeof lane.nextAt === "number" ? Math.max(waitMs, lane.nextAt - now) : null;
    const inMs = isReady ? waitMs : scheduledInMs;
    if (inMs !== null && (earliest === null || inMs < earliest)) earliest = inMs;
  }
  return earliest;
}

interface Taking {
  readonly chosen: readonly Choice[];
  readonly room: Room;
  readonly workerId: string;
  readonly moment: Moment;
}

/** Creates the function that gives chosen jobs to a worker. It answers their records, in order. */
function createTake(db: DatabaseSync, { counts, starts }: ClaimOptions) {
  const claim = db.prepare(sql.claim);
  const record = db.prepare(sql.recordClaims);

  function count(chosen: readonly Choice[]): void {
    const taken = new Map<Lane, number>();
    for (const { lane } of chosen) taken.set(lane, (taken.get(lane) ?? 0) + 1);
    for (const [{ type, queue }, jobs] of taken) {
      counts.moved({ type: type.name, queue: queue.name }, "queued", "running", jobs);
    }
  }

  return ({ chosen, room, workerId, moment }: Taking): string[] => {
    const numbers = `[${chosen.map(({ candidate }) => candidate.n).join()}]`;
    const records = new Map<number, string>();
    for (const row of claim.all(numbers, workerId, moment.now)) records.set(integerOf(row, "n"), textOf(row, "record"));
    // Then the transaction is rolled back, all lanes are forgotten, and the claim is tried again.
    if (records.size < chosen.length) throw new Error("A lane named a job that does not wait in it.");
    record.run(numbers, moment.now);
    count(chosen);
    for (const [queue, jobs] of room.started) starts.record(queue, jobs, moment);
    return chosen.flatMap(({ candidate }) => records.get(candidate.n) ?? []);
  };
}
