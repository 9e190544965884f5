// How many jobs wait in each queue, in the memory of the only writer: a limit is checked without counting rows.
// Invariant: a change counts when its transaction commits, and never happened when it does not.

export interface QueueCounts {
  /** Waiting jobs of a queue, changes of the present transaction included. */
  waiting(queue: string): number;
  add(queue: string, change: number): void;
  commit(): void;
  rollback(): void;
}

/**
 * Creates counts that ask `load` when they are first needed, not at once: with a million jobs waiting it takes half a
 * second, which a restart must not wait for.
 */
export function createQueueCounts(load: () => Iterable<readonly [queue: string, waiting: number]>): QueueCounts {
  let committed: Map<string, number> | null = null;
  let loadedNow = false;
  const changes = new Map<string, number>();

  // What the present transaction changed before is in the rows already.
  function loaded(): Map<string, number> {
    if (committed === null) {
      committed = new Map(load());
      loadedNow = true;
      changes.clear();
    }
    return committed;
  }

  return {
    waiting: (queue) => (loaded().get(queue) ?? 0) + (changes.get(queue) ?? 0),
    add(queue, change) {
      if (committed !== null) changes.set(queue, (changes.get(queue) ?? 0) + change);
    },
    commit() {
      loadedNow = false;
      if (committed === null) return;
      for (const [queue, change] of changes) {
        const waiting = (committed.get(queue) ?? 0) + change;
        if (waiting === 0) committed.delete(queue);
        else committed.set(queue, waiting);
      }
      changes.clear();
    },
    rollback() {
      changes.clear();
      // Counted in this transaction: the rows that were counted may be gone.
      if (loadedNow) committed = null;
      loadedNow = false;
    },
  };
}
