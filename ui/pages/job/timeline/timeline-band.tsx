// The band: each stretch as wide as it was long, and never too narrow to be seen. One stop for the keyboard, arrows inside.
import { useEffect, useId, useRef, useState } from "react";
import { absolute, clockTime } from "../../../format/duration.ts";
import { classes } from "../../../parts/class-names.ts";
import type { Tone } from "../../../state/state-view.ts";
import { type Piece, piecesOf, type Timeline } from "./timeline.ts";
import { pieceText, segmentTone, segmentWord } from "./timeline-text.ts";

interface TimelineBandProps {
  readonly timeline: Timeline;
  /** Epoch ms: the end of the band. */
  readonly until: number;
}

/** Of one piece, at least. */
const PIECE_PX = 6;

const FILLS: Readonly<Record<Tone, string>> = {
  waiting: "bg-waiting-tint text-waiting ring-1 ring-line-strong ring-inset",
  running: "bg-running text-surface",
  paused: "bg-paused-tint text-paused ring-1 ring-paused ring-inset",
  cancelling: "bg-cancelling text-surface",
  undo: "bg-undo text-surface",
  succeeded: "bg-succeeded text-surface",
  failed: "bg-failed text-surface",
  cancelled: "bg-cancelled text-surface",
};

export function TimelineBand({ timeline: { segments, endedAt }, until }: TimelineBandProps) {
  const band = useRef<HTMLDivElement>(null);
  const most = useMost(band);
  const pieces = piecesOf(segments, until, most);
  const [pointed, setPointed] = useState<number | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const id = useId();
  const shown = pieces[pointed ?? chosen ?? -1];
  const [first] = segments;

  const move = (key: string): number | null => {
    const last = pieces.length - 1;
    const at = chosen ?? (key === "ArrowLeft" ? last + 1 : -1);
    if (key === "ArrowRight") return Math.min(last, at + 1);
    if (key === "ArrowLeft") return Math.max(0, at - 1);
    if (key === "Home") return 0;
    return key === "End" ? last : null;
  };

  return (
    <div>
      <div
        ref={band}
        role="listbox"
        tabIndex={0}
        aria-label="Stretches of the job"
        aria-orientation="horizontal"
        aria-activedescendant={chosen !== null && pieces[chosen] ? `${id}-${chosen}` : undefined}
        className="flex h-9 w-full gap-px overflow-hidden rounded"
        onKeyDown={(event) => {
          const next = move(event.key);
          if (next === null) return;
          event.preventDefault();
          setChosen(next);
        }}
        onFocus={() => setChosen((present) => present ?? pieces.length - 1)}
        onBlur={() => setChosen(null)}
        onPointerLeave={() => setPointed(null)}
      >
        {pieces.map((piece, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names the chosen one.
          <div
            key={piece.segments[0]?.seq}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            aria-label={`${wordOf(piece)}: ${pieceText(piece, until)}`}
            onPointerEnter={() => setPointed(index)}
            style={{ flex: `${Math.max(1, piece.ms)} 1 0`, minWidth: PIECE_PX }}
            className={classes(
              "@container flex items-center justify-center overflow-hidden",
              FILLS[segmentTone(piece.longest)],
              index === (pointed ?? chosen) && "outline-2 outline-accent -outline-offset-2",
            )}
          >
            <span className="@[84px]:inline hidden truncate px-2 font-medium text-xs">{wordOf(piece)}</span>
          </div>
        ))}
      </div>
      <div className="figures mt-1 flex min-h-5 justify-between gap-4 text-muted text-xs">
        {shown ? (
          <span className="min-w-0 truncate text-ink">
            {clockTime(shown.segments[0]?.from ?? 0)} <bdi>{pieceText(shown, until)}</bdi>
          </span>
        ) : (
          <>
            {first && <time title={absolute(first.from)}>{clockTime(first.from)}</time>}
            <time title={absolute(until)}>{endedAt === null ? "now" : clockTime(endedAt)}</time>
          </>
        )}
      </div>
    </div>
  );
}

const wordOf = ({ segments, longest }: Piece): string =>
  segments.length === 1 ? segmentWord(longest) : `${segments.length} stretches`;

/** How many pieces there is room for. */
function useMost(band: { readonly current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const element = band.current;
    if (!element) return;
    const resizing = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? element.clientWidth));
    resizing.observe(element);
    return () => resizing.disconnect();
  }, [band]);
  return Math.max(4, Math.floor(width / (2 * (PIECE_PX + 1))));
}
