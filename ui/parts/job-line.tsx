// How far a job is, as a bar where there is a way to go, and in words what is worth knowing about it now.
import { useQuery } from "@tanstack/react-query";
import type { JobSummary } from "../../src/client/index.ts";
import { isFinal, isLeased } from "../../src/domain/lifecycle.ts";
import { READS } from "../data/server.ts";
import { useReadNow } from "../data/use-now.ts";
import { jobLine } from "../state/job-line.ts";
import { share } from "../state/progress-text.ts";
import { stateView } from "../state/state-view.ts";
import { classes } from "./class-names.ts";
import { ProgressBar } from "./progress-bar.tsx";

export function JobLine({ job }: { readonly job: JobSummary }) {
  const isQueuePaused = useIsQueuePaused(job);
  const text = useReadNow((now) => jobLine(job, { now, isQueuePaused }));
  const isBarShown = hasBar(job);
  return (
    <>
      {isBarShown && (
        <ProgressBar
          progress={job.progress}
          tone={stateView(job, 0).tone}
          label={`Progress of ${job.type} ${job.key ?? job.id}`}
        />
      )}
      <span
        className={classes("figures text-muted text-xs", isBarShown ? "block truncate" : "line-clamp-2 wrap-anywhere")}
        title={text}
      >
        <bdi>{text}</bdi>
      </span>
    </>
  );
}

/** Of what is over the bar says how far it came; what succeeded came all the way. */
function hasBar({ state, progress, startedAt }: JobSummary): boolean {
  if (state === "succeeded" || state === "rolled_back" || startedAt === null) return false;
  return isLeased(state) || (share(progress) !== null && (progress.done > 0 || !isFinal(state)));
}

/** Only what waits asks for it; the queues are read once for all rows, and again when they change. */
export function useIsQueuePaused({ state, queue }: JobSummary): boolean {
  const { data = false } = useQuery({
    ...READS.queues,
    select: (queues) => queues.some(({ name, paused }) => name === queue && paused !== null),
    enabled: state === "queued",
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}
