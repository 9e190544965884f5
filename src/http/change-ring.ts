// The last changes, in order and numbered, so that a reader who fell behind can catch up. Bounded: who falls too far behind
// is told so.
import type { JobChange } from "../ports/notifier.ts";

/** What changed between two positions, each job once, as it changed last. */
export interface Slice {
  readonly changes: ReadonlyMap<string, JobChange>;
  /** Where to go on. */
  readonly end: number;
}

export interface ChangeRing {
  /** The position after the newest change. */
  readonly head: number;
  push(change: JobChange): void;
  /** Forgets everything: whoever followed until now has missed something. */
  forget(): void;
  /** Whether everything that changed at or after `position` is still here. */
  knows(position: number): boolean;
  /** At most `limit` of the jobs that `wants` takes, changed at or after `position`; `null` when some of it is forgotten. */
  since(position: number, limit: number, wants: (change: JobChange) => boolean): Slice | null;
}

export function createChangeRing(capacity: number): ChangeRing {
  const slots: JobChange[] = [];
  let head = 0;
  let floor = 0;
  const knows = (position: number) => position >= floor && position <= head;
  return {
    get head() {
      return head;
    },
    knows,
    push(change) {
      slots[head % capacity] = change;
      head += 1;
      floor = Math.max(floor, head - capacity);
    },
    forget() {
      head += 1;
      floor = head;
    },
    since(position, limit, wants) {
      if (!knows(position)) return null;
      const changes = new Map<string, JobChange>();
      let end = position;
      for (; end < head && changes.size < limit; end += 1) {
        const change = slots[end % capacity];
        if (change && wants(change)) changes.set(change.id, change);
      }
      return { changes, end };
    },
  };
}
