// What ended in each minute of the last hour, succeeded and failed one upon the other, and what was submitted as a line. The
// same is there as a table for those who do not see it.
import { useState } from "react";
import type { MinuteStats } from "../../../src/client/index.ts";
import { minuteTime } from "../../format/duration.ts";
import { count } from "../../format/number.ts";
import { MinuteTable } from "./minute-table.tsx";
import { failedIn, gridTop, LINES, sumOf } from "./minutes.ts";

const WIDTH = 600;
const HEIGHT = 160;
const BARS = 60;
const STEP = WIDTH / BARS;
/** From the top down. */
const GRID = Array.from({ length: LINES + 1 }, (_, index) => LINES - index);
/** Minutes from one mark of the time axis to the next. */
const MARK_EVERY = 15;

export function HourChart({ minutes }: { readonly minutes: readonly MinuteStats[] }) {
  const [pointed, setPointed] = useState<number>();
  const minute = pointed === undefined ? undefined : minutes[pointed];
  const shown = minute ? [minute] : minutes;
  const top = gridTop(minutes);
  return (
    <section aria-labelledby="hour" className="panel flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-baseline gap-x-5 gap-y-1">
        <h2 id="hour" className="figures m-0 min-w-[104px] font-semibold text-base">
          {minute ? minuteTime(Date.parse(minute.at)) : "The last hour"}
        </h2>
        <dl className="figures m-0 flex flex-wrap gap-x-5 text-sm">
          <Legend
            mark="size-2.5 rounded-sm bg-succeeded"
            name="succeeded"
            jobs={sumOf(shown, (one) => one.succeeded)}
          />
          <Legend mark="size-2.5 rounded-sm bg-failed" name="failed" jobs={sumOf(shown, failedIn)} />
          <Legend mark="h-0.5 w-3.5 bg-line-strong" name="submitted" jobs={sumOf(shown, (one) => one.submitted)} />
        </dl>
      </div>
      <div className="flex min-h-0 gap-2">
        <div aria-hidden className="figures flex h-40 flex-col justify-between text-right text-muted text-xs">
          {GRID.map((line) => (
            <span key={line} className="h-0 leading-0">
              {count((top / LINES) * line)}
            </span>
          ))}
        </div>
        <div className="flex min-w-0 flex-1 flex-col gap-2">
          <Bars minutes={minutes} top={top} pointed={pointed} onPoint={setPointed} />
          <TimeAxis minutes={minutes} />
        </div>
      </div>
      <MinuteTable minutes={minutes} />
    </section>
  );
}

interface LegendProps {
  readonly mark: string;
  readonly name: string;
  readonly jobs: number;
}

function Legend({ mark, name, jobs }: LegendProps) {
  return (
    <div className="flex items-center gap-1.5">
      <dt className="flex items-center gap-1.5 text-muted">
        <span aria-hidden className={mark} />
        {name}
      </dt>
      <dd className="m-0 min-w-6 font-medium">{count(jobs)}</dd>
    </div>
  );
}

interface BarsProps {
  readonly minutes: readonly MinuteStats[];
  readonly top: number;
  readonly pointed: number | undefined;
  readonly onPoint: (index: number | undefined) => void;
}

function Bars({ minutes, top, pointed, onPoint }: BarsProps) {
  const first = BARS - minutes.length;
  const high = (jobs: number) => (jobs / top) * HEIGHT;
  const left = (index: number) => (first + index) * STEP;
  const line = minutes.map((one, index) => `${left(index) + STEP / 2},${HEIGHT - high(one.submitted)}`).join(" ");
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-40 w-full overflow-visible"
      onPointerMove={(event) => {
        const { x, width } = event.currentTarget.getBoundingClientRect();
        const index = Math.floor(((event.clientX - x) / width) * BARS) - first;
        onPoint(minutes[index] ? index : undefined);
      }}
      onPointerLeave={() => onPoint(undefined)}
    >
      <rect width={WIDTH} height={HEIGHT} className="fill-transparent" />
      {pointed !== undefined && <rect x={left(pointed)} width={STEP} height={HEIGHT} className="fill-sunken" />}
      {GRID.map((row) => (
        <line
          key={row}
          x1={0}
          x2={WIDTH}
          y1={(HEIGHT / LINES) * row}
          y2={(HEIGHT / LINES) * row}
          className="stroke-line"
          vectorEffect="non-scaling-stroke"
        />
      ))}
      {minutes.map((one, index) => {
        const bad = high(failedIn(one));
        const good = high(one.succeeded);
        const x = left(index) + 1;
        return (
          <g key={one.at}>
            <rect x={x} y={HEIGHT - good} width={STEP - 2} height={good} className="fill-succeeded" />
            <rect x={x} y={HEIGHT - good - bad} width={STEP - 2} height={bad} className="fill-failed" />
          </g>
        );
      })}
      <polyline
        points={line}
        className="fill-none stroke-line-strong"
        strokeWidth={1.5}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

function TimeAxis({ minutes }: Pick<BarsProps, "minutes">) {
  const marks = minutes.filter((_, index) => (BARS - minutes.length + index) % MARK_EVERY === 0);
  return (
    <div aria-hidden className="figures relative flex h-4 text-muted text-xs">
      {marks.map((one) => (
        <span key={one.at} className="w-1/4 whitespace-nowrap">
          {minuteTime(Date.parse(one.at))}
        </span>
      ))}
      <span className="absolute right-0">now</span>
    </div>
  );
}
