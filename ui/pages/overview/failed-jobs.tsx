// What failed last, why, and when.
import { Link } from "@tanstack/react-router";
import type { JobSummary } from "../../../src/client/index.ts";
import { useJob } from "../../data/job-cache.ts";
import { TimeText } from "../../parts/time-text.tsx";
import { PanelHead } from "./panel-head.tsx";
import { useLatestJobs } from "./use-latest-jobs.ts";
import { useSettled } from "./use-settled.ts";

const SHOWN = 6;
/** The list is by time of submit: among so many of the newest those that ended last are looked for. */
const READ = 50;
/** Some of what is rolled back had failed; what a person had undone has no error. */
const STATES = ["failed", "rollback_failed", "rolled_back"] as const;

const endedAt = ({ finishedAt }: JobSummary): number => (finishedAt === null ? 0 : Date.parse(finishedAt));

export function FailedJobs() {
  const present = useLatestJobs({ states: STATES, limit: READ })?.filter(({ error }) => error !== null);
  const newest = present?.toSorted((a, b) => endedAt(b) - endedAt(a)).slice(0, SHOWN);
  const { ids, holds } = useSettled(
    newest?.map(({ id }) => id),
    SHOWN,
  );
  return (
    <section aria-labelledby="failed" className="panel min-h-[120px]">
      <PanelHead id="failed" title="Failed last">
        <Link to="/jobs" search={{ state: STATES.join(",") }} className="figures text-accent text-sm">
          All
        </Link>
      </PanelHead>
      {present?.length === 0 && ids.length === 0 && (
        <p className="m-0 px-4 py-6 text-center text-muted text-sm">Nothing has failed.</p>
      )}
      <ul className="m-0 list-none p-0" {...holds}>
        {ids.map((id) => (
          <FailedJob key={id} id={id} />
        ))}
      </ul>
    </section>
  );
}

function FailedJob({ id }: { readonly id: string }) {
  const job = useJob(id);
  if (!job) return null;
  return (
    <li className="border-line border-b last:border-b-0">
      <Link
        to="/jobs/$id"
        params={{ id }}
        className="block px-4 py-2.5 text-ink text-sm no-underline hover:bg-page focus-visible:-outline-offset-2"
      >
        <span className="flex items-baseline gap-3">
          <span className="min-w-0 flex-1 truncate">
            <bdi className="font-medium">{job.type}</bdi> <bdi className="text-muted text-xs">{job.key}</bdi>
          </span>
          <span className="shrink-0 text-muted text-xs">
            {job.finishedAt === null ? "runs again" : <TimeText at={job.finishedAt} />}
          </span>
        </span>
        <span className="line-clamp-2 break-words text-muted text-xs" title={job.error?.message}>
          {job.state === "rollback_failed" && <span className="font-medium text-failed">rollback failed: </span>}
          {job.state === "rolled_back" && <span className="font-medium text-undo">undone: </span>}
          <bdi>{job.error?.message}</bdi>
        </span>
      </Link>
    </li>
  );
}
