// The timeline as text, stretch by stretch. Of a long one the latest are shown first.
import { useState } from "react";
import { absolute, clockTime } from "../../../format/duration.ts";
import { count } from "../../../format/number.ts";
import { Button } from "../../../parts/button.tsx";
import { classes } from "../../../parts/class-names.ts";
import { TONE_FILLS } from "../../../parts/tone-classes.ts";
import type { Tone } from "../../../state/state-view.ts";
import type { Segment } from "./timeline.ts";
import { asides, segmentText, segmentTone } from "./timeline-text.ts";

interface StoryProps {
  readonly segments: readonly Segment[];
  readonly until: number;
}

const SHOWN = 8;
const FEW = 4;
const MORE = 200;
/** Characters of a reason or message; the history has all of them. */
const ASIDE_SHOWN = 200;

/** Waiting is most of many a timeline, and nothing to look at. */
const DOTS: Readonly<Record<Tone, string>> = { ...TONE_FILLS, waiting: "bg-line-strong" };

export function Story({ segments, until }: StoryProps) {
  const [most, setMost] = useState(SHOWN);
  // A button for a few would take as much room as they do.
  const hidden = segments.length <= most + FEW ? 0 : segments.length - most;
  return (
    <div className="flex flex-col items-start gap-2">
      {hidden > 0 && (
        <Button small onClick={() => setMost(most + MORE)}>
          Show {count(Math.min(MORE, hidden))} earlier of {count(segments.length)}
        </Button>
      )}
      <ol className="m-0 flex w-full list-none flex-col gap-1 p-0 text-sm">
        {segments.slice(hidden).map((segment) => (
          <StoryLine key={segment.seq} segment={segment} until={until} />
        ))}
      </ol>
    </div>
  );
}

function StoryLine({ segment, until }: { readonly segment: Segment } & Omit<StoryProps, "segments">) {
  return (
    <li className="flex min-w-0 items-baseline gap-2.5">
      <time className="figures shrink-0 text-muted" title={absolute(segment.from)}>
        {clockTime(segment.from)}
      </time>
      <span aria-hidden className={classes("size-2 shrink-0 rounded-full", DOTS[segmentTone(segment)])} />
      <span className="figures min-w-0 break-words">
        <bdi>{segmentText(segment, until)}</bdi>
        {asides(segment).map((aside) => (
          <span key={aside} className="text-muted">
            {" · "}
            <bdi>{aside.length > ASIDE_SHOWN ? `${aside.slice(0, ASIDE_SHOWN)}…` : aside}</bdi>
          </span>
        ))}
      </span>
    </li>
  );
}
