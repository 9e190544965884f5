// Tells those who are served for long, such as streams, that their token has ended: one look a second at every token that
// is watched, however many watch it, and none while nobody watches.
import type { Caller } from "../domain/access.ts";
import type { Clock } from "../ports/clock.ts";

export interface TokenWatchServices {
  readonly clock: Clock;
  /** Rejects when that cannot be known now. */
  readonly isValid: (tokenId: string) => Promise<boolean>;
}

export interface TokenWatch {
  watch(caller: Caller, onEnd: () => void): () => void;
  /** It has ended here: nobody has to wait for the next look. */
  end(tokenId: string): void;
}

const EVERY_MS = 1_000;

export function createTokenWatch({ clock, isValid }: TokenWatchServices): TokenWatch {
  const watchers = new Map<string, Set<() => void>>();
  /** A look is to come, or under way. */
  let isLooking = false;

  function end(tokenId: string): void {
    const ended = watchers.get(tokenId) ?? [];
    watchers.delete(tokenId);
    // Each for itself: one that fails must not keep the others from hearing of it.
    for (const onEnd of ended) queueMicrotask(onEnd);
  }

  // A store that does not answer says nothing: it is asked again.
  async function look(tokenId: string): Promise<void> {
    const valid = await isValid(tokenId).catch(() => true);
    if (!valid) end(tokenId);
  }

  async function lookAtAll(): Promise<void> {
    await Promise.all([...watchers.keys()].map(look));
    isLooking = false;
    if (watchers.size > 0) lookLater();
  }

  function lookLater(): void {
    isLooking = true;
    clock.after(EVERY_MS, () => void lookAtAll());
  }

  function unwatch(tokenId: string, watcher: () => void): void {
    const others = watchers.get(tokenId);
    others?.delete(watcher);
    if (others?.size === 0) watchers.delete(tokenId);
  }

  return {
    watch({ tokenId }, onEnd) {
      if (tokenId === null) return () => {};
      // One of its own: the same function may be given twice.
      const watcher = () => onEnd();
      const others = watchers.get(tokenId);
      if (others) others.add(watcher);
      else watchers.set(tokenId, new Set([watcher]));
      if (!isLooking) lookLater();
      return () => unwatch(tokenId, watcher);
    },
    end,
  };
}
