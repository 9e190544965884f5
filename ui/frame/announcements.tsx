// What was done and what went wrong, told for a moment.
import { X } from "lucide-react";
import { dismiss, useAnnouncements } from "../data/announce.ts";
import { classes } from "../parts/class-names.ts";

export function Announcements() {
  const announcements = useAnnouncements();
  return (
    <div
      aria-live="polite"
      className="fixed right-4 bottom-4 z-50 flex w-[min(380px,calc(100vw-32px))] flex-col gap-2 max-sm:bottom-20"
    >
      {announcements.map(({ id, text, tone }) => (
        <div
          key={id}
          className={classes(
            "panel flex items-start gap-2 border-l-4 p-3 text-sm",
            tone === "problem" ? "border-l-failed" : "border-l-accent",
          )}
        >
          <span className="min-w-0 flex-1 break-words">
            <bdi>{text}</bdi>
          </span>
          <button
            type="button"
            aria-label="Dismiss"
            className="-m-1 grid size-7 shrink-0 place-items-center rounded hover:bg-sunken"
            onClick={() => dismiss(id)}
          >
            <X aria-hidden size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
