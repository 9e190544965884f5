// Lets lines compete for what a claim takes. Of thousands of lines only those with the best first jobs take part, one more
// than there are jobs to take; the others come in when none of those has a job that goes before theirs.
// Invariant: what is first goes before every job of every line that has room.
import { type Candidate, inClaimOrder } from "./candidate.ts";
import { isSame, type Lane, type Line } from "./lanes.ts";
import type { LineReader } from "./line-reader.ts";
import { createMerge } from "./merge.ts";
import type { Room } from "./room.ts";

export interface Contender {
  readonly lane: Lane;
  readonly line: Line;
  candidate: Candidate;
  /** Opened when it is first for the first time. */
  reader: LineReader | null;
}

export interface Contest {
  first(): Contender | undefined;
  /** The first contender has another job now; `null`: it is out. */
  replace(candidate: Candidate | null): void;
}

export interface ContestOptions {
  readonly lanes: readonly Lane[];
  readonly room: Room;
  readonly limit: number;
}

export function createContest({ lanes, room, limit }: ContestOptions): Contest {
  const entered = new Set<Line>();
  const merge = createMerge<Contender>();
  /** What goes first of all that did not enter. */
  let outside: Candidate | null = null;

  function enter(count: number): void {
    const best = createBest(count);
    for (const lane of lanes) {
      for (const line of lane.lines) {
        if (!line.head || entered.has(line)) continue;
        if (line.stuck && isSame(line.stuck, room.keyUse(lane.type))) lane.type.awaited = true;
        else if (best.accepts(line.head)) best.add({ lane, line, candidate: line.head, reader: null });
      }
    }
    const entries = best.entries();
    outside = best.outside();
    for (const { line } of entries) entered.add(line);
    merge.add(entries);
  }

  enter(limit + 1);
  return {
    first() {
      const { first } = merge;
      if (outside === null || (first && inClaimOrder(first.candidate, outside) < 0)) return first;
      enter(Number.POSITIVE_INFINITY);
      return merge.first;
    },
    replace: merge.replace,
  };
}

/** Keeps the first `count` of what is added, and the first of all others. */
function createBest(count: number) {
  const kept: Contender[] = [];
  let last: Candidate | null = null;
  let outside: Candidate | null = null;

  function leaveOut(candidate: Candidate): void {
    if (outside === null || inClaimOrder(candidate, outside) < 0) outside = candidate;
  }

  function cut(): void {
    if (kept.length <= count) return;
    kept.sort((a, b) => inClaimOrder(a.candidate, b.candidate));
    for (const { candidate } of kept.splice(count)) leaveOut(candidate);
    last = kept.at(-1)?.candidate ?? null;
  }

  return {
    accepts(candidate: Candidate): boolean {
      if (last === null || inClaimOrder(candidate, last) < 0) return true;
      leaveOut(candidate);
      return false;
    },
    add(contender: Contender): void {
      if (kept.push(contender) >= 2 * count) cut();
    },
    entries(): readonly Contender[] {
      cut();
      return kept;
    },
    outside: () => outside,
  };
}
