// Draws rates over time with uPlot, in the colours of the theme. What it shows stands in words beside it.
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useTheme } from "../../../data/theme.ts";
import { clockTime } from "../../../format/duration.ts";
import { rate } from "../../../format/number.ts";
import type { RatePoint } from "./samples.ts";

export interface Shade {
  readonly kind: "pause" | "crash";
  readonly from: number;
  readonly to: number;
}

interface RatePlotProps {
  readonly points: readonly RatePoint[];
  /** Of the time of which only the mean is known. */
  readonly mean: readonly RatePoint[] | null;
  readonly shades: readonly Shade[];
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

const HEIGHT_PX = 160;

export function RatePlot(props: RatePlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const present = useRef(props);
  present.current = props;
  const theme = useTheme();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours, which are read when it is made.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new uPlot(optionsOf(present, element.clientWidth), dataOf(present.current), element);
    plot.current = made;
    const resizing = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resizing.observe(element);
    return () => {
      resizing.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [theme]);

  const { points, mean, from, to } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shades change with the rest.
  useEffect(() => plot.current?.setData(dataOf(present.current)), [points, mean, from, to]);

  return <div ref={box} aria-hidden className="h-full w-full overflow-hidden" />;
}

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function optionsOf(present: { readonly current: RatePlotProps }, width: number): uPlot.Options {
  const axis = { stroke: colour("muted"), font: '12px "Inter Variable", sans-serif' };
  const ticks = { stroke: colour("line"), width: 1, size: 4 };
  const [shade, crash] = [colour("paused-tint"), colour("failed")];
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 36, 0, 0],
    scales: {
      x: { time: true, range: () => [present.current.from / 1_000, present.current.to / 1_000] },
      y: { range: (_, _least, most) => [0, Math.max(1, (most ?? 0) * 1.15)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ticks,
        size: 28,
        space: 90,
        values: (_, at) => at.map((s) => clockTime(s * 1_000)),
      },
      {
        ...axis,
        grid: { stroke: colour("line"), width: 1 },
        ticks: { show: false },
        size: 56,
        space: 36,
        values: (_, rates) => rates.map(rate),
      },
    ],
    series: [
      {},
      { stroke: colour("running"), width: 2, points: { show: false }, spanGaps: false },
      { stroke: colour("line-strong"), width: 1.5, dash: [5, 4], points: { show: false }, spanGaps: false },
    ],
    hooks: { drawClear: [(chart) => drawShades(chart, present.current.shades, { shade, crash })] },
  };
}

interface ShadeColours {
  readonly shade: string;
  readonly crash: string;
}

function drawShades(chart: uPlot, shades: readonly Shade[], { shade, crash }: ShadeColours): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { kind, from, to } of shades) {
    const [left, right] = [from, to].map((at) => chart.valToPos(at / 1_000, "x", true));
    if (left === undefined || right === undefined) continue;
    ctx.fillStyle = kind === "pause" ? shade : crash;
    ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
  }
  ctx.restore();
}

/** Both series over the times of both. A time of one is a gap of the other that its line crosses. */
function dataOf({ points, mean }: RatePlotProps): uPlot.AlignedData {
  const merged = uPlot.join(
    [column(points), column(mean ?? [])],
    [
      [0, 2],
      [0, 2],
    ],
  );
  return merged.length === 3 ? merged : [[], [], []];
}

const column = (points: readonly RatePoint[]): uPlot.AlignedData => [
  points.map(({ at }) => at / 1_000),
  points.map((point) => point.rate),
];
