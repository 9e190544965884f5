// Where a worker runs: its host and process, by the worker's id. They never change, so each is asked for once.
import { useCallback, useSyncExternalStore } from "react";
import { server } from "./server.ts";

/** The workers are asked for at most this often, however many are not known. */
const ASKED_EVERY_MS = 5_000;

const names = new Map<string, string>();
const listeners = new Set<() => void>();
let askedAt = Number.NEGATIVE_INFINITY;
let isDue = false;

/** `host pid`; `null` while it is not known, or when the worker is gone. */
export function useWorkerName(id: string | null): string | null {
  const subscribe = useCallback(
    (listener: () => void) => {
      listeners.add(listener);
      if (id !== null && !names.has(id)) askSoon();
      return () => listeners.delete(listener);
    },
    [id],
  );
  return useSyncExternalStore(subscribe, () => (id === null ? null : (names.get(id) ?? null)));
}

function askSoon(): void {
  if (isDue) return;
  isDue = true;
  setTimeout(() => void ask(), Math.max(0, askedAt + ASKED_EVERY_MS - Date.now()));
}

async function ask(): Promise<void> {
  askedAt = Date.now();
  try {
    for (const { id, host, pid } of await server.workers()) names.set(id, `${host} ${pid}`);
    for (const listener of listeners) listener();
  } catch {
    // Without a name the worker's id is shown.
  } finally {
    isDue = false;
  }
}
