// Chooses what a claim takes: the first jobs, in claim order, of all lanes that have room.
// Invariant: the work is bounded, however many jobs, lanes and keys there are; what a claim did not get to is the next one's.
import type { DatabaseSync } from "node:sqlite";
import type { Candidate } from "./candidate.ts";
import { forget, isSame, type Lane } from "./lanes.ts";
import { createLineReaders, type LineReader } from "./line-reader.ts";
import { createMerge, type Entry, type Merge } from "./merge.ts";
import * as sql from "./queries/claims.ts";
import type { Room } from "./room.ts";
import { integerOrNull } from "./rows.ts";

/** Lanes to look into, of those that changed since a claim looked into them last. */
const LOOKS = 1_000;
/** Scheduled jobs to make claimable, of those whose time has come. */
const READY = 1_000;

export interface Choice {
  readonly lane: Lane;
  readonly candidate: Candidate;
}

export interface Selection {
  readonly chosen: readonly Choice[];
  /** There is, or may be, more that could be claimed at once. */
  readonly more: boolean;
}

export interface SelectionRequest {
  readonly lanes: readonly Lane[];
  readonly room: Room;
  readonly limit: number;
  readonly now: number;
}

export type Select = (request: SelectionRequest) => Selection;

export function createSelect(db: DatabaseSync): Select {
  const openLine = createLineReaders(db);
  const lookInto = createLook(db);

  return ({ lanes, room, limit, now }) => {
    // Those whose turn time alone will bring are looked into as well: the caller asks when.
    const open = lanes.filter((lane) => room.waitMs(lane) !== null);
    const known = lookInto(open, now);
    const reading = { room, limit, alone: known.length === 1 };
    const readers: LineReader[] = [];
    const readerOf = (entry: Omit<Entry, "candidate">): LineReader => {
      if (entry.reader) return entry.reader;
      const reader = openLine(entry.lane, entry.line, reading);
      readers.push(reader);
      return reader;
    };
    const merge = createMerge(known.flatMap((lane) => entriesOf(lane, room, readerOf)));
    const { chosen, more } = choose(merge, { room, limit, readerOf });
    // Each has to be asked: it leaves what it learned.
    const unfinished = readers.filter((reader) => reader.finish()).length;
    return { chosen, more: more || unfinished > 0 || known.length < open.length };
  };
}

type ReaderOf = (entry: Omit<Entry, "candidate">) => LineReader;

/** The lines of a lane in which something may be claimed, each with its first job. */
function entriesOf(lane: Lane, room: Room, readerOf: ReaderOf): Entry[] {
  const entries: Entry[] = [];
  for (const line of lane.lines) {
    if (line.head === null || isSame(line.stuck, room.keyUse(lane.type))) continue;
    const reader = line.head ? null : readerOf({ lane, line, reader: null });
    const candidate = line.head ?? reader?.current();
    if (candidate) entries.push({ lane, line, candidate, reader });
  }
  return entries;
}

interface ChooseOptions {
  readonly room: Room;
  readonly limit: number;
  readonly readerOf: ReaderOf;
}

function choose(merge: Merge, { room, limit, readerOf }: ChooseOptions): Selection {
  const chosen: Choice[] = [];
  for (let entry = merge.first; entry; entry = merge.first) {
    const { lane, candidate } = entry;
    if (!room.has(lane)) {
      merge.replace(null);
      continue;
    }
    const reader = readerOf(entry);
    entry.reader = reader;
    // What was first may be held back by its key now.
    if (reader.current()?.n === candidate.n) {
      if (chosen.length === limit) return { chosen, more: true };
      chosen.push({ lane, candidate });
      room.take(lane, candidate.key);
      reader.advance();
    }
    merge.replace(reader.current());
  }
  return { chosen, more: false };
}

/** Brings up to date what lanes know of their scheduled jobs. Answers the lanes that know; the others have to wait. */
function createLook(db: DatabaseSync) {
  const next = db.prepare(sql.nextScheduled);
  const makeReady = db.prepare(sql.makeReady);

  const nextOf = ({ queue, type }: Lane) => integerOrNull(next.get(queue.name, type.name), "next");

  return (lanes: readonly Lane[], now: number): readonly Lane[] => {
    let looks = 0;
    let ready = 0;
    return lanes.filter((lane) => {
      if (lane.nextAt === undefined) {
        looks += 1;
        if (looks > LOOKS) return false;
        lane.nextAt = nextOf(lane);
      }
      if (lane.nextAt !== null && lane.nextAt <= now && ready < READY) {
        ready += Number(makeReady.run(lane.queue.name, lane.type.name, now, READY - ready).changes);
        forget(lane);
        lane.nextAt = nextOf(lane);
      }
      return true;
    });
  };
}
