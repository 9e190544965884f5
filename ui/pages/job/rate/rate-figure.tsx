// The rate over the last minutes, with pauses shaded, and the same in words. The chart itself comes in a chunk of its own.
import { lazy, memo, Suspense } from "react";
import { useNow } from "../../../data/use-now.ts";
import { roughly } from "../../../format/duration.ts";
import { plural, rate } from "../../../format/number.ts";
import type { Timeline } from "../timeline/timeline.ts";
import type { Shade } from "./rate-plot.tsx";
import { meanBefore, type RatePoint, ratesOf, samplesOf } from "./samples.ts";

const RatePlot = lazy(async () => ({ default: (await import("./rate-plot.tsx")).RatePlot }));

const SHOWN_MS = 600_000;
const LEAST_SHOWN_MS = 30_000;
/** Least and most say something only over this long. */
const TOLD_MS = 10_000;

interface RateFigureProps {
  readonly jobId: string;
  readonly unit: string | null;
  readonly startedAt: string | null;
  readonly timeline: Timeline;
}

/** Draws again each second, and not with every step of the job. */
export const RateFigure = memo(function RateFigure({ jobId, unit, startedAt, timeline }: RateFigureProps) {
  const now = useNow();
  const { endedAt } = timeline;
  if (startedAt === null) return null;
  const samples = samplesOf(jobId);
  const [first] = samples;
  const to = endedAt ?? Math.max(now, samples.at(-1)?.at ?? 0);
  const from = Math.max(Date.parse(startedAt), to - SHOWN_MS);
  const shown = ratesOf(samples).filter(({ at }) => at >= from && at <= to + 1_000);
  if (endedAt !== null && shown.every((point) => point.rate === null)) return null;

  const mean = first ? meanBefore(timeline.segments, first.at, first.done) : null;
  const shades = shadesOf(timeline, from, to);
  return (
    <figure className="m-0 flex flex-col gap-1">
      <figcaption className="figures text-muted text-xs">{captionOf(unit, shown, { shades, mean })}</figcaption>
      <div className="h-[160px]">
        <Suspense fallback={null}>
          <RatePlot
            points={shown}
            mean={mean === null || !first ? null : meanPoints(timeline, { from, to: first.at, mean })}
            shades={shades}
            from={from}
            to={Math.max(to, from + (endedAt === null ? LEAST_SHOWN_MS : 1))}
          />
        </Suspense>
      </div>
    </figure>
  );
});

function shadesOf({ segments }: Timeline, from: number, to: number): readonly Shade[] {
  return segments.flatMap((segment): readonly Shade[] => {
    const kind =
      segment.kind === "paused" || segment.kind === "pausing" ? "pause" : segment.by === "lost" ? "crash" : null;
    const end = segment.to ?? to;
    return kind === null || end < from ? [] : [{ kind, from: Math.max(from, segment.from), to: end }];
  });
}

/** A level line over each stretch that ran before anybody looked. */
function meanPoints(
  { segments }: Timeline,
  { from, to, mean }: { readonly from: number; readonly to: number; readonly mean: number },
): readonly RatePoint[] {
  return segments
    .filter((segment) => segment.kind === "running" && segment.from < to && (segment.to ?? to) > from)
    .flatMap((segment) => {
      const end = Math.min(segment.to ?? to, to);
      return [
        { at: Math.max(from, segment.from), rate: mean },
        { at: end, rate: mean },
        { at: end + 1, rate: null },
      ];
    });
}

interface Beside {
  readonly shades: readonly Shade[];
  readonly mean: number | null;
}

function captionOf(unit: string | null, shown: readonly RatePoint[], { shades, mean }: Beside): string {
  const rates = shown.flatMap((point) => (point.rate === null ? [] : [point.rate]));
  const items = `${unit ?? ""}/s`;
  const spanMs = (shown.at(-1)?.at ?? 0) - (shown[0]?.at ?? 0);
  const parts = [
    spanMs < TOLD_MS || rates.length === 0
      ? `Rate in ${items}`
      : `Rate of the last ${roughly(spanMs)}: ${rate(Math.min(...rates))} to ${rate(Math.max(...rates))} ${items}`,
  ];
  const pauses = shades.filter(({ kind }) => kind === "pause").length;
  const crashes = shades.filter(({ kind }) => kind === "crash").length;
  if (pauses > 0) parts.push("pauses shaded");
  if (crashes > 0) parts.push(`${plural(crashes, "crash", "crashes")} marked`);
  if (mean !== null) parts.push(`dashed: mean of the time before this page was opened, ${rate(mean)} ${items}`);
  return parts.join(" · ");
}
