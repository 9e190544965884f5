// What is said aloud to readers of the screen, politely, and shown for a moment to everybody else.
import { createSharedValue, useSharedValue } from "./shared-value.ts";

export interface Announcement {
  readonly id: number;
  readonly text: string;
  readonly tone: "done" | "problem";
}

const SHOWN_MS = 6_000;
const KEPT = 3;

const shown = createSharedValue<readonly Announcement[]>([]);
let lastId = 0;

export function announce(text: string, tone: Announcement["tone"] = "done"): void {
  lastId += 1;
  const id = lastId;
  shown.set([...shown.get(), { id, text, tone }].slice(-KEPT));
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export const dismiss = (id: number): void => shown.set(shown.get().filter((announcement) => announcement.id !== id));

export const useAnnouncements = (): readonly Announcement[] => useSharedValue(shown);
