// Reads the jobs of one line in claim order, a few at a time, and steps over those whose key is at its limit. After many of
// those it goes on from key to key instead, so that the work of one claim is bounded, however many jobs are held back.
import type { DatabaseSync } from "node:sqlite";
import { type Candidate, candidateOf, inClaimOrder } from "./candidate.ts";
import { createKeyWalk } from "./key-walk.ts";
import type { Lane, Line } from "./lanes.ts";
import * as sql from "./queries/claims.ts";
import type { Room } from "./room.ts";

/** Jobs to step over one by one. */
const STEPS = 300;
/** Jobs to read at first, where a line meets others, and at most at once. */
const FIRST = 4;
const MOST = 256;

/** One claim's reading. */
export interface Reading {
  readonly room: Room;
  /** How many jobs it wants at most. */
  readonly limit: number;
  /** There is one line only. */
  readonly alone: boolean;
}

export interface LineReader {
  readonly lane: Lane;
  /** What goes next, of the jobs whose key has room. */
  current(): Candidate | null;
  /** The present one is taken. */
  advance(): void;
  /** Leaves in the line what was learned of it. Answers whether the next claim has to look further. */
  finish(): boolean;
}

export type OpenLine = (lane: Lane, line: Line, reading: Reading) => LineReader;

export function createLineReaders(db: DatabaseSync): OpenLine {
  const range = db.prepare(sql.candidates);
  const walk = createKeyWalk(db);

  return (lane, line, { room, limit, alone }) => {
    const { type, queue } = lane;
    const taken = new Set<number>();
    let rows: readonly Candidate[] = line.head ? [line.head] : [];
    let index = 0;
    let read = rows.length;
    let ended = line.head === null;
    let heldBack = 0;
    let firstHeldBack: Candidate | null = null;
    let complete = true;

    function readOn(): void {
      const size = Math.min(MOST, Math.max(alone ? limit + 1 : FIRST, read));
      rows = range.all(queue.name, type.name, line.keyed ? 1 : 0, size, read).map(candidateOf);
      read += rows.length;
      ended = rows.length < size;
    }

    function walkKeys(): void {
      const wanted = (key: string) => {
        const left = room.ofKey(type, key);
        return left > 0 ? Math.min(left, limit + 1) + taken.size : 0;
      };
      const walked = walk(lane, line, { as: room.keyUse(type), wanted });
      rows = walked.found.filter(({ n }) => !taken.has(n)).sort(inClaimOrder);
      complete = walked.complete;
      ended = true;
    }

    function current(): Candidate | null {
      for (;;) {
        const candidate = rows[index];
        if (!candidate) {
          if (ended) return null;
          index = 0;
          if (heldBack > STEPS) walkKeys();
          else readOn();
        } else if (room.ofKey(type, candidate.key) > 0) {
          return candidate;
        } else {
          firstHeldBack ??= candidate;
          heldBack += 1;
          index += 1;
        }
      }
    }

    return {
      lane,
      current,
      advance() {
        const candidate = rows[index];
        if (candidate?.key !== null && candidate) taken.add(candidate.n);
        index += 1;
      },
      finish() {
        const next = rows[index];
        line.head = firstHeldBack ?? next ?? (ended ? null : undefined);
        if (heldBack === 0) return false;
        type.awaited = true;
        line.stuck = ended && complete && !next ? room.keyUse(type) : null;
        return ended && !complete;
      },
    };
  };
}
