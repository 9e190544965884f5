// The lines, of which only the visible ones exist. The end stays in sight while it is followed; whoever scrolls up stays
// where they are, whatever comes at either end.
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef } from "react";
import type { LogLine } from "../../../../src/client/index.ts";
import { Line } from "./line.tsx";

interface LogLinesProps {
  readonly lines: readonly LogLine[];
  readonly sought: string | undefined;
  /** The line that the address points at. */
  readonly pointed: number | undefined;
  readonly follows: boolean;
  readonly empty: string;
  /** Hears when the end comes in sight, or leaves it, by a person's scrolling. */
  readonly onFollows: (isAtEnd: boolean) => void;
  readonly onPoint: (seq: number) => void;
  readonly onNearStart: () => void;
}

const LINE_PX = 24;
const NEAR_START = 100;
/** So far from the end is still at the end, in px. */
const END_PX = 2 * LINE_PX;

const STEPS: Readonly<Record<string, number>> = { j: 1, k: -1 };

export function LogLines({ lines, sought, pointed, follows, empty, ...told }: LogLinesProps) {
  const { onFollows, onPoint, onNearStart } = told;
  const scroller = useRef<HTMLDivElement>(null);
  const getItemKey = useCallback((index: number) => lines[index]?.seq ?? index, [lines]);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 12,
    getItemKey,
    anchorTo: "end",
    followOnAppend: follows,
    scrollEndThreshold: END_PX,
  });
  const shown = rows.getVirtualItems();
  const firstShown = shown[0]?.index ?? 0;
  const hand = useHand();
  useSight(rows, { lines, sought, pointed, follows, isByHand: hand.isOn });
  useEffect(() => {
    if (lines.length > 0 && firstShown < NEAR_START) onNearStart();
  }, [firstShown, lines.length, onNearStart]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a region that scrolls, and is reached by the keyboard for that.
    <div
      ref={scroller}
      role="region"
      aria-label="Log lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
      tabIndex={0}
      className="panel max-h-[min(60dvh,640px)] min-h-[120px] overflow-auto overscroll-contain font-mono text-xs"
      {...hand.listeners}
      onKeyDown={(event) => {
        hand.touch();
        const step = STEPS[event.key];
        if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        // The keys belong to the log while it has the keyboard.
        event.preventDefault();
        const next = lineBeside(lines, pointed, step);
        if (next) onPoint(next.seq);
      }}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        const isAtEnd = scrollHeight - scrollTop - clientHeight <= END_PX;
        if (isAtEnd !== follows && hand.isOn()) onFollows(isAtEnd);
      }}
    >
      {lines.length === 0 && <p className="m-0 p-4 font-sans text-muted text-sm">{empty}</p>}
      <ol className="relative m-0 list-none p-0" style={{ height: rows.getTotalSize() }}>
        {shown.map(({ index, key, start }) => {
          const line = lines[index];
          return (
            line && (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                aria-setsize={lines.length}
                aria-posinset={index + 1}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${start}px)` }}
              >
                <Line line={line} sought={sought} isPointed={line.seq === pointed} onPoint={onPoint} />
              </li>
            )
          );
        })}
      </ol>
    </div>
  );
}

interface Sight extends Pick<LogLinesProps, "lines" | "sought" | "pointed" | "follows"> {
  /** Whether a person scrolls at this moment. */
  readonly isByHand: () => boolean;
}

/** Scrolls to what is asked for: the end, or the line that the address points at. */
function useSight(rows: Virtualizer<HTMLDivElement, Element>, sight: Sight): void {
  const { lines, sought, pointed, follows, isByHand } = sight;
  const isPointedThere = pointed !== undefined && lines.length > 0 && (lines[0]?.seq ?? 0) <= pointed;

  // biome-ignore lint/correctness/useExhaustiveDependencies: to the end when it is asked for, or when there is something else to see.
  useEffect(() => {
    if (follows && lines.length > 0) rows.scrollToEnd();
  }, [follows, sought, lines.length > 0]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as the line is there.
  useEffect(() => {
    if (!isPointedThere) return;
    const index = lines.findIndex(({ seq }) => seq >= pointed);
    if (index >= 0) rows.scrollToIndex(index, { align: isByHand() ? "auto" : "center" });
  }, [isPointedThere, pointed]);
}

/** The line so many further than the one that is pointed at; the last one where none is. */
function lineBeside(lines: readonly LogLine[], pointed: number | undefined, step: number): LogLine | undefined {
  const at = pointed === undefined ? -1 : lines.findIndex(({ seq }) => seq >= pointed);
  return at < 0 ? lines.at(-1) : lines[Math.min(lines.length - 1, Math.max(0, at + step))];
}

const HAND_MS = 600;

/** Whether a person scrolls: with the wheel, a finger, a key, or by holding the bar. */
function useHand() {
  const hand = useRef({ at: 0, isHeld: false });
  const touch = () => {
    hand.current.at = Date.now();
  };
  const hold = (isHeld: boolean) => () => {
    hand.current = { at: Date.now(), isHeld };
  };
  return {
    touch,
    isOn: () => hand.current.isHeld || Date.now() - hand.current.at < HAND_MS,
    listeners: {
      onWheel: touch,
      onTouchMove: touch,
      onPointerDown: hold(true),
      onPointerUp: hold(false),
      // Where the bar was let go of elsewhere.
      onPointerMove: ({ buttons }: { readonly buttons: number }) => {
        if (buttons === 0) hand.current.isHeld = false;
      },
    },
  };
}
