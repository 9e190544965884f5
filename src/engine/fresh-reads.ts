// Remembers what was read a moment ago, so that thousands of requests a second are not thousands of reads.
// Invariants: no answer is used that was asked for longer than `keepMs` ago, or that has ended since; nobody remembers a
// read that failed.
import type { Clock } from "../ports/clock.ts";

/** Something that ends by itself. */
export interface Ending {
  /** On the monotonic clock, so that nothing lives longer because the machine's time was set; infinite: never. */
  readonly endsAt: number;
}

export interface FreshReadsOptions<V extends Ending> {
  readonly clock: Clock;
  /** `null`: there is no such thing, which is remembered as well. */
  readonly read: (key: string) => Promise<V | null>;
  /** How long an answer may be used, in ms since it was asked for. */
  readonly keepMs: number;
  /** Answers that are remembered at most: the oldest goes first. */
  readonly limit: number;
}

export interface FreshReads<V> {
  /** Whoever asks while a read is under way shares it. */
  get(key: string): Promise<V | null>;
  /** The next `get` reads anew. */
  forget(key: string): void;
}

interface Entry<V> {
  readonly value: Promise<V | null>;
  freshUntil: number;
}

export function createFreshReads<V extends Ending>(options: FreshReadsOptions<V>): FreshReads<V> {
  const { clock, read, keepMs, limit } = options;
  // In the order in which they were asked for.
  const entries = new Map<string, Entry<V>>();

  function ask(key: string): Promise<V | null> {
    const entry: Entry<V> = { value: read(key), freshUntil: clock.monotonic() + keepMs };
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
    entry.value.then(
      (value) => {
        if (value) entry.freshUntil = Math.min(entry.freshUntil, value.endsAt);
      },
      () => {
        if (entries.get(key) === entry) entries.delete(key);
      },
    );
    return entry.value;
  }

  return {
    get(key) {
      const entry = entries.get(key);
      return entry && clock.monotonic() < entry.freshUntil ? entry.value : ask(key);
    },
    forget: (key) => void entries.delete(key),
  };
}
