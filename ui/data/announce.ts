// What is said aloud to readers of the screen, politely, and shown for a moment to everybody else.
import { useSyncExternalStore } from "react";

export interface Announcement {
  readonly id: number;
  readonly text: string;
  readonly tone: "done" | "problem";
}

const SHOWN_MS = 6_000;

let shown: readonly Announcement[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Announcement[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

export function announce(text: string, tone: Announcement["tone"] = "done"): void {
  lastId += 1;
  const id = lastId;
  set([...shown.slice(-2), { id, text, tone }]);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export const dismiss = (id: number): void => set(shown.filter((announcement) => announcement.id !== id));

export const useAnnouncements = (): readonly Announcement[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
