// A state, as shape and word. The colour is told by classes that stand here in full, so that the styles know them.
import {
  Ban,
  CalendarClock,
  Check,
  CircleStop,
  Clock,
  type LucideIcon,
  Pause,
  Play,
  RotateCcw,
  TriangleAlert,
  Undo2,
  X,
} from "lucide-react";
import type { Shape, StateView, Tone } from "../state/state-view.ts";
import { classes } from "./class-names.ts";

const SHAPES: Readonly<Record<Shape, LucideIcon>> = {
  clock: Clock,
  calendar: CalendarClock,
  play: Play,
  pause: Pause,
  stop: CircleStop,
  undo: Undo2,
  check: Check,
  cross: X,
  ban: Ban,
  warning: TriangleAlert,
  retry: RotateCcw,
};

const TONES: Readonly<Record<Tone, string>> = {
  waiting: "bg-waiting-tint text-waiting",
  running: "bg-running-tint text-running",
  paused: "bg-paused-tint text-paused",
  cancelling: "bg-cancelling-tint text-cancelling",
  undo: "bg-undo-tint text-undo",
  succeeded: "bg-succeeded-tint text-succeeded",
  failed: "bg-failed-tint text-failed",
  cancelled: "bg-cancelled-tint text-cancelled",
};

export function StatePill({ view, large = false }: { readonly view: StateView; readonly large?: boolean }) {
  const Icon = SHAPES[view.shape];
  return (
    <span
      className={classes(
        "inline-flex items-center gap-1.5 whitespace-nowrap rounded-full font-medium",
        large ? "px-3 py-1 text-sm" : "px-2 py-0.5 text-xs",
        TONES[view.tone],
      )}
    >
      <Icon aria-hidden size={large ? 15 : 12} strokeWidth={2.25} />
      {view.word}
    </span>
  );
}
