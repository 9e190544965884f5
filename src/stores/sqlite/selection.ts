// Chooses what a claim takes: the first jobs, in claim order, of all lanes that have room.
// Invariant: the work is bounded, however many jobs wait; what a claim did not get to is the next one's.
import type { DatabaseSync } from "node:sqlite";
import { integerOrNull } from "../sql/rows.ts";
import { type Candidate, candidateOf } from "./candidate.ts";
import { type Contest, createContest } from "./contest.ts";
import { forget, type Lane, type Line } from "./lanes.ts";
import { createLineReaders, type LineReader } from "./line-reader.ts";
import * as sql from "./queries/claims.ts";
import type { Room } from "./room.ts";

/** Lanes to look into, of those that changed since a claim looked into them last. */
const LOOKS = 2_000;
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
  const startLooking = createLook(db);

  return ({ lanes, room, limit, now }) => {
    const lookInto = startLooking(now);
    const open: Lane[] = [];
    let unknown = false;
    for (const lane of lanes) {
      const waitMs = room.waitMs(lane);
      // Also lanes whose turn time alone will bring are looked into: the caller asks when.
      if (waitMs === null) continue;
      if (!lookInto(lane)) unknown = true;
      else if (waitMs === 0) open.push(lane);
    }
    const reading = { room, limit, alone: open.length === 1 };
    const contest = createContest({ lanes: open, room, limit });
    const readers: LineReader[] = [];
    const openReader = (lane: Lane, line: Line): LineReader => {
      const reader = openLine(lane, line, reading);
      readers.push(reader);
      return reader;
    };
    const { chosen, more } = choose(contest, { room, limit, openReader });
    // Each has to be asked: it leaves what it learned.
    const unfinished = readers.filter((reader) => reader.finish()).length;
    return { chosen, more: more || unfinished > 0 || unknown };
  };
}

interface ChooseOptions {
  readonly room: Room;
  readonly limit: number;
  readonly openReader: (lane: Lane, line: Line) => LineReader;
}

function choose(contest: Contest, { room, limit, openReader }: ChooseOptions): Selection {
  const chosen: Choice[] = [];
  for (let first = contest.first(); first; first = contest.first()) {
    const { lane, candidate } = first;
    if (!room.has(lane)) {
      contest.replace(null);
      continue;
    }
    first.reader ??= openReader(lane, first.line);
    const { reader } = first;
    // What was first may be held back by its key.
    if (reader.current()?.n === candidate.n) {
      if (chosen.length === limit) return { chosen, more: true };
      chosen.push({ lane, candidate });
      room.take(lane, candidate.key);
      reader.advance();
    }
    contest.replace(reader.current());
  }
  return { chosen, more: false };
}

/** Creates the function that brings up to date what a lane knows. It answers `false` when enough were looked into. */
function createLook(db: DatabaseSync) {
  const next = db.prepare(sql.nextScheduled);
  const makeReady = db.prepare(sql.makeReady);
  const candidates = db.prepare(sql.candidates);

  const nextOf = ({ queue, type }: Lane) => integerOrNull(next.get(queue.name, type.name), "next");

  function headOf({ queue, type }: Lane, keyed: boolean): Candidate | null {
    const row = candidates.get(queue.name, type.name, keyed ? 1 : 0, 1, 0);
    return row === undefined ? null : candidateOf(row);
  }

  return (now: number) => {
    let looks = 0;
    let ready = 0;

    function schedule(lane: Lane): void {
      if (lane.nextAt === undefined) lane.nextAt = nextOf(lane);
      if (lane.nextAt === null || lane.nextAt > now || ready >= READY) return;
      ready += Number(makeReady.run(lane.queue.name, lane.type.name, now, READY - ready).changes);
      forget(lane);
      lane.nextAt = nextOf(lane);
    }

    return (lane: Lane): boolean => {
      const [plain, keyed] = lane.lines;
      const isKnown = lane.nextAt !== undefined && plain.head !== undefined && keyed.head !== undefined;
      if (isKnown && (lane.nextAt === null || lane.nextAt === undefined || lane.nextAt > now)) return true;
      looks += 1;
      if (looks > LOOKS) return false;
      schedule(lane);
      for (const line of lane.lines) if (line.head === undefined) line.head = headOf(lane, line.keyed);
      return true;
    };
  };
}
