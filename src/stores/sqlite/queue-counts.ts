// How many jobs wait in each queue, in the memory of the only writer: a limit is checked without counting rows.
// Invariant: a change counts when its transaction commits, and never happened when it does not.

export interface QueueCounts {
  /** Waiting jobs of a queue, changes of the present transaction included. */
  waiting(queue: string): number;
  add(queue: string, change: number): void;
  commit(): void;
  rollback(): void;
}

export function createQueueCounts(initial: Iterable<readonly [queue: string, waiting: number]>): QueueCounts {
  const committed = new Map(initial);
  const changes = new Map<string, number>();
  return {
    waiting: (queue) => (committed.get(queue) ?? 0) + (changes.get(queue) ?? 0),
    add(queue, change) {
      changes.set(queue, (changes.get(queue) ?? 0) + change);
    },
    commit() {
      for (const [queue, change] of changes) {
        const waiting = (committed.get(queue) ?? 0) + change;
        if (waiting === 0) committed.delete(queue);
        else committed.set(queue, waiting);
      }
      changes.clear();
    },
    rollback: () => changes.clear(),
  };
}
