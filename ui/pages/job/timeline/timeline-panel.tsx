// What the job went through, from submit to end or now: as a band, and as text.
import { memo } from "react";
import type { HistoryEntry } from "../../../../src/client/index.ts";
import { useNow } from "../../../data/use-now.ts";
import { ProblemNotice } from "../../../parts/problem-notice.tsx";
import { Story } from "./story.tsx";
import { type Timeline, totalsOf } from "./timeline.ts";
import { TimelineBand } from "./timeline-band.tsx";
import { totalsText } from "./timeline-text.ts";

interface TimelinePanelProps {
  readonly timeline: Timeline;
  readonly entries: readonly HistoryEntry[] | undefined;
  readonly problem: Error | null;
  readonly onRetry: () => unknown;
}

/** Draws again with the clock and the history, and not with every step of the job. */
export const TimelinePanel = memo(function TimelinePanel({ timeline, entries, ...read }: TimelinePanelProps) {
  const { problem, onRetry } = read;
  const now = useNow();
  const { segments, endedAt } = timeline;
  const until = endedAt ?? now;
  return (
    <section aria-labelledby="timeline" className="panel flex min-h-[168px] flex-col gap-3 p-6 max-sm:p-4">
      <div className="flex flex-wrap items-baseline gap-x-4">
        <h2 id="timeline" className="m-0 font-semibold text-base">
          Timeline
        </h2>
        {segments.length > 0 && (
          <span className="figures text-muted text-sm">{totalsText(totalsOf(segments, until))}</span>
        )}
      </div>
      {problem && !entries && (
        <ProblemNotice problem={problem} what="The history could not be read." onRetry={() => void onRetry()} />
      )}
      {segments.length > 0 && (
        <>
          <TimelineBand timeline={timeline} until={until} />
          <Story segments={segments} until={until} />
        </>
      )}
    </section>
  );
});
