// A state, as shape and word.
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
import type { Shape, StateView } from "../state/state-view.ts";
import { classes } from "./class-names.ts";
import { TONE_TINTS } from "./tone-classes.ts";

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

export function StatePill({ view, large = false }: { readonly view: StateView; readonly large?: boolean }) {
  const Icon = SHAPES[view.shape];
  return (
    <span
      className={classes(
        "inline-flex items-center gap-1.5 whitespace-nowrap rounded-full font-medium",
        large ? "px-3 py-1 text-sm" : "px-2 py-0.5 text-xs",
        TONE_TINTS[view.tone],
      )}
    >
      <Icon aria-hidden size={large ? 15 : 12} strokeWidth={2.25} />
      {view.word}
    </span>
  );
}
