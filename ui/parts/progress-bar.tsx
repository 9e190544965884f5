// How far a job is. Without a total there is no part to fill: a hatched bar says that there is an unknown way to go.
import { type Progress, progressText, share } from "../state/progress-text.ts";
import type { Tone } from "../state/state-view.ts";
import { classes } from "./class-names.ts";
import { TONE_FILLS } from "./tone-classes.ts";

interface ProgressBarProps {
  readonly progress: Progress;
  readonly tone: Tone;
  /** For readers of the screen: which job's progress it is. */
  readonly label: string;
  readonly large?: boolean;
}

export function ProgressBar({ progress, tone, label, large = false }: ProgressBarProps) {
  const part = share(progress);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuetext={progressText(progress)}
      {...(part === null ? {} : { "aria-valuenow": Math.floor(part * 100), "aria-valuemin": 0, "aria-valuemax": 100 })}
      className={classes(
        "w-full overflow-hidden rounded-full bg-sunken ring-1 ring-line ring-inset",
        large ? "h-3" : "h-1.5",
      )}
    >
      <div
        className={classes("h-full rounded-full", TONE_FILLS[tone], part === null && "hatched opacity-50")}
        style={{ width: `${(part ?? 1) * 100}%` }}
      />
    </div>
  );
}
