// Browsers open six connections to one server, for all their pages together. Pages that keep a stream open would soon have
// taken them all, and no page could load or ask for anything: so a few streams are open at once, and pages take turns.

/** The others are left to what is loaded and asked for. */
const STREAMS = 3;
/** While another page waits, a stream is kept no longer than this. */
const TURN_MS = 2_000;

export interface Turn {
  /** Gives the turn up, and the wait for it. */
  readonly signal: AbortSignal;
  /** Hears that others come first. */
  readonly onWait: () => void;
}

/**
 * Runs `work` when this page has its turn, until it ends or the turn is over; then its signal aborts. Answers whether it has
 * ended by itself. Where the browser has no locks, as on pages over plain http, it runs at once.
 */
export async function inTurn({ signal, onWait }: Turn, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const place = await shortestQueue();
  if (place === null) return work(signal).then(() => true);
  if (place.length > 0) onWait();
  return navigator.locks.request(place.name, { signal }, async () => {
    const turn = new AbortController();
    const looking = setInterval(() => void hasWaiting(place.name).then((waits) => waits && turn.abort()), TURN_MS);
    try {
      await work(AbortSignal.any([signal, turn.signal]));
      return !turn.signal.aborted;
    } catch (problem) {
      if (turn.signal.aborted) return false;
      throw problem;
    } finally {
      clearInterval(looking);
    }
  });
}

interface Queue {
  readonly name: string;
  /** Pages that have it or wait for it. */
  readonly length: number;
}

/** `null`: there are no locks to be had. */
async function shortestQueue(): Promise<Queue | null> {
  const locks: LockManager | undefined = navigator.locks;
  try {
    const state = await locks?.query();
    if (!state) return null;
    const { held = [], pending = [] } = state;
    const queues = Array.from({ length: STREAMS }, (_, index) => {
      const name = `pawl-stream-${index}`;
      return { name, length: [...held, ...pending].filter((lock) => lock.name === name).length };
    });
    return queues.toSorted((one, other) => one.length - other.length)[0] ?? null;
  } catch {
    // Refused, as all that a browser keeps may be.
    return null;
  }
}

async function hasWaiting(queue: string): Promise<boolean> {
  const { pending = [] } = await navigator.locks.query();
  return pending.some(({ name }) => name === queue);
}
