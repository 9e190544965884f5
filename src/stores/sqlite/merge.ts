// Brings lines of waiting jobs into one claim order: a binary heap by what goes first in each.
// Invariant: what is at the top goes before all others; a line that has nothing left is out.
import { type Candidate, inClaimOrder } from "./candidate.ts";

export interface Ordered {
  candidate: Candidate;
}

export interface Merge<Entry extends Ordered> {
  readonly first: Entry | undefined;
  add(entries: readonly Entry[]): void;
  /** The first entry has another job now; `null`: it is out. */
  replace(candidate: Candidate | null): void;
}

export function createMerge<Entry extends Ordered>(): Merge<Entry> {
  const heap: Entry[] = [];

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

  return {
    get first() {
      return heap[0];
    },
    add(entries) {
      heap.push(...entries);
      for (let at = heap.length >> 1; at >= 0; at -= 1) sink(at);
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
