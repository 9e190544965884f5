// What happens when: events in the order of their time, and of their making where the times are equal, so that a run with the
// same seed is the same run.

export interface Agenda {
  /** In ms since the beginning. */
  readonly now: number;
  after(ms: number, act: () => void): void;
  /** Lets everything happen until then. */
  run(untilMs: number): void;
}

interface Event {
  readonly at: number;
  readonly made: number;
  readonly act: () => void;
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.made < b.made);

export function createAgenda(): Agenda {
  const heap: Event[] = [];
  let now = 0;
  let made = 0;

  const at = (index: number): Event => {
    const event = heap[index];
    if (event === undefined) throw new Error("The agenda is shorter than it was taken for.");
    return event;
  };

  function swap(a: number, b: number): void {
    const event = at(a);
    heap[a] = at(b);
    heap[b] = event;
  }

  function rise(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(at(index), at(parent))) return;
      swap(index, parent);
      index = parent;
    }
  }

  function sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const first = right < heap.length && isBefore(at(right), at(left)) ? right : left;
      if (!isBefore(at(first), at(index))) return;
      swap(index, first);
      index = first;
    }
  }

  function take(): Event {
    const first = at(0);
    const last = heap.pop();
    if (heap.length > 0 && last !== undefined) {
      heap[0] = last;
      sink();
    }
    return first;
  }

  return {
    get now() {
      return now;
    },
    after(ms, act) {
      made += 1;
      heap.push({ at: now + ms, made, act });
      rise(heap.length - 1);
    },
    run(untilMs) {
      while (heap.length > 0 && at(0).at <= untilMs) {
        const event = take();
        now = event.at;
        event.act();
      }
      now = untilMs;
    },
  };
}
