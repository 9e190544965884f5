// How far the job is: the largest thing on its page.

import { type ReactNode, useRef } from "react";
import type { JobSummary } from "../../../src/client/index.ts";
import { isFinal, isLeased } from "../../../src/domain/lifecycle.ts";
import { serverNow } from "../../data/server-time.ts";
import { useNow } from "../../data/use-now.ts";
import { duration, roughly } from "../../format/duration.ts";
import { count, rate } from "../../format/number.ts";
import { classes } from "../../parts/class-names.ts";
import { ProgressBar } from "../../parts/progress-bar.tsx";
import { share } from "../../state/progress-text.ts";
import { stateView } from "../../state/state-view.ts";
import { RateFigure } from "./rate/rate-figure.tsx";
import type { Timeline } from "./timeline/timeline.ts";

interface ProgressPanelProps {
  readonly job: JobSummary;
  readonly timeline: Timeline;
}

export function ProgressPanel({ job, timeline }: ProgressPanelProps) {
  const { tone } = stateView(job, useNow());
  const { message } = job.progress;
  return (
    <section aria-labelledby="progress" className="panel flex flex-col gap-4 p-6 max-sm:p-4">
      <h2 id="progress" className="sr-only">
        Progress
      </h2>
      <Figures job={job} />
      {job.startedAt === null ? (
        <div className="h-3 rounded-full bg-sunken ring-1 ring-line ring-inset" />
      ) : (
        <ProgressBar progress={job.progress} tone={tone} label={`Progress of ${job.type} ${job.key ?? job.id}`} large />
      )}
      {message !== null && message !== "" && (
        <p className="m-0 break-words text-muted text-sm">
          <bdi>{message}</bdi>
        </p>
      )}
      <RateFigure jobId={job.id} unit={job.progress.unit} startedAt={job.startedAt} timeline={timeline} />
    </section>
  );
}

function Figures({ job }: { readonly job: JobSummary }) {
  const { done, total, unit, ratePerSecond, etaMs } = job.progress;
  const part = share(job.progress);
  const runningMs = useRunningMs(job);
  const isRunning = isLeased(job.state);
  const isOver = isFinal(job.state);
  // An undone job ran both ways, of which the figures tell the way back.
  const mean = runningMs > 0 && done > 0 && job.phase === "forward" ? (done * 1_000) / runningMs : null;
  const speed = isOver ? mean : isRunning ? ratePerSecond : null;
  const items = unit ?? "";
  return (
    <dl className="m-0 flex flex-wrap gap-x-10 gap-y-3 max-sm:gap-x-6">
      <Figure name={job.phase === "rollback" ? "Undone" : "Done"} least="min-w-[7ch]" unit={items}>
        {count(done)}
        {total !== null && <span className="text-muted"> / {count(total)}</span>}
      </Figure>
      <Figure name="Share" least="min-w-[4ch]" unit={part === null ? "" : "%"}>
        {part === null ? "–" : percent(part)}
      </Figure>
      {!(isOver && speed === null) && (
        <Figure name={isOver ? "Mean rate" : "Rate"} least="min-w-[6ch]" unit={speed === null ? "" : `${items}/s`}>
          {speed === null ? "–" : rate(Number(speed.toPrecision(3)))}
        </Figure>
      )}
      {!isOver && (
        <Figure name="Time left" least="min-w-[4ch]">
          {etaMs === null || !isRunning ? "–" : <Spaced text={roughly(etaMs)} />}
        </Figure>
      )}
      <Figure name="Running time" least="min-w-[6ch]">
        <Spaced text={isOver ? duration(runningMs) : clock(runningMs)} />
      </Figure>
      <Figure name="Attempt" least="min-w-[3ch]">
        {count(job.attempt)}
        <span className="text-muted"> of {count(job.maxAttempts)}</span>
      </Figure>
      <Figure name="Crashes" least="min-w-[2ch]" isBad={job.crashCount > 0}>
        {count(job.crashCount)}
      </Figure>
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  /** Room that is kept, so that nothing moves while the figure changes. */
  readonly least: string;
  readonly unit?: string;
  readonly isBad?: boolean;
  readonly children: ReactNode;
}

function Figure({ name, least, unit = "", isBad = false, children }: FigureProps) {
  return (
    <div className="flex flex-col">
      <dt className="text-muted text-xs">{name}</dt>
      <dd className={classes("figures m-0 whitespace-nowrap font-medium text-figure", least, isBad && "text-failed")}>
        {children}
        {unit !== "" && <Unit>{unit}</Unit>}
      </dd>
    </div>
  );
}

const Unit = ({ children }: { readonly children: string }) => (
  <bdi className="ml-1 inline-block max-w-[16ch] truncate font-normal text-base text-muted">{children}</bdi>
);

/** `1 m 24 s` with small units. */
function Spaced({ text }: { readonly text: string }) {
  return text.split(" ").map((word, index) =>
    index % 2 === 0 ? (
      <span key={word + String(index)} className={classes(index > 0 && "ml-1.5")}>
        {word}
      </span>
    ) : (
      <span key={word} className="ml-0.5 font-normal text-base text-muted">
        {word}
      </span>
    ),
  );
}

/** Whole percents; 100 only when all is done. */
const percent = (part: number): string => String(part < 1 ? Math.min(99, Math.floor(part * 100)) : 100);

/** Whole seconds, so that the figure does not flicker. */
const clock = (ms: number): string => (ms < 10_000 ? `${Math.floor(ms / 1_000)} s` : duration(ms));

/** Goes on between the summaries that the server sends. */
function useRunningMs({ runningMs, state }: JobSummary): number {
  const now = useNow();
  const heard = useRef({ runningMs, at: now });
  if (heard.current.runningMs !== runningMs) heard.current = { runningMs, at: serverNow() };
  return runningMs + (isLeased(state) ? Math.max(0, now - heard.current.at) : 0);
}
