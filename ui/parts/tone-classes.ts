// The colours of states, as classes that stand here in full, so that the styles know them.
import type { Tone } from "../state/state-view.ts";

/** A word on a ground of the same colour. */
export const TONE_TINTS: Readonly<Record<Tone, string>> = {
  waiting: "bg-waiting-tint text-waiting",
  running: "bg-running-tint text-running",
  paused: "bg-paused-tint text-paused",
  cancelling: "bg-cancelling-tint text-cancelling",
  undo: "bg-undo-tint text-undo",
  succeeded: "bg-succeeded-tint text-succeeded",
  failed: "bg-failed-tint text-failed",
  cancelled: "bg-cancelled-tint text-cancelled",
};

/** Dots, edges and bars. */
export const TONE_FILLS: Readonly<Record<Tone, string>> = {
  waiting: "bg-waiting",
  running: "bg-running",
  paused: "bg-paused",
  cancelling: "bg-cancelling",
  undo: "bg-undo",
  succeeded: "bg-succeeded",
  failed: "bg-failed",
  cancelled: "bg-cancelled",
};
