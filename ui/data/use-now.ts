// The present second. One timer for the whole page, which rests while nobody looks.

import { useSyncExternalStore } from "react";
import { serverNow } from "./server-time.ts";

const listeners = new Set<() => void>();
let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = serverNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (timer === undefined) {
    now = serverNow();
    timer = setInterval(tick, 1_000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Epoch ms, anew each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** What `read` makes of the present second. Draws again only when that is another value: for what many rows show. */
export const useReadNow = <T extends string | number | boolean | null>(read: (now: number) => T): T =>
  useSyncExternalStore(subscribe, () => read(now));
