// Brings lines of waiting jobs into one claim order: a binary heap by what goes first in each.
// Invariant: what is at the top goes before all others; a line that has nothing left is out.
import { type Candidate, inClaimOrder } from "./candidate.ts";
import type { Lane, Line } from "./lanes.ts";
import type { LineReader } from "./line-reader.ts";

export interface Entry {
  readonly lane: Lane;
  readonly line: Line;
  candidate: Candidate;
  /** Opened when the line first gets to the top: of thousands of lines most never do. */
  reader: LineReader | null;
}

export interface Merge {
  readonly first: Entry | undefined;
  /** The first line's job is another now; `null`: it is out. */
  replace(candidate: Candidate | null): void;
}

export function createMerge(entries: readonly Entry[]): Merge {
  const heap = [...entries];

  const before = (a: number, b: number): boolean => {
    const [x, y] = [heap[a], heap[b]];
    return x !== undefined && y !== undefined && inClaimOrder(x.candidate, y.candidate) < 0;
  };

  function sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const child = before(left + 1, left) ? left + 1 : left;
      const [upper, lower] = [heap[at], heap[child]];
      if (!upper || !lower || !before(child, at)) return;
      [heap[at], heap[child]] = [lower, upper];
      at = child;
    }
  }

  for (let at = heap.length >> 1; at >= 0; at -= 1) sink(at);

  return {
    get first() {
      return heap[0];
    },
    replace(candidate) {
      const [top] = heap;
      if (candidate && top) {
        top.candidate = candidate;
      } else {
        const last = heap.pop();
        if (last && heap.length > 0) heap[0] = last;
      }
      sink(0);
    },
  };
}
