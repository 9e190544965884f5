// One job, one page: how it stands, how far it is, what it went through, and what it left behind.
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { HistoryEntry, Job, JobSummary } from "../../../src/client/index.ts";
import { EmptyState } from "../../parts/empty-state.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { JobHead } from "./job-head.tsx";
import { JobTabs } from "./job-tabs.tsx";
import type { JobLog } from "./log/job-log.ts";
import { Notices } from "./notices.tsx";
import { ProgressPanel } from "./progress-panel.tsx";
import { timelineOf } from "./timeline/timeline.ts";
import { TimelinePanel } from "./timeline/timeline-panel.tsx";
import { useFollowedJob, useHistory } from "./use-followed-job.ts";

export function JobPage() {
  const { id } = useParams({ from: "/jobs/$id" });
  // Another job is another page: nothing of the one before stays.
  return <OneJob key={id} id={id} />;
}

function OneJob({ id }: { readonly id: string }) {
  const followed = useFollowedJob(id);
  switch (followed.kind) {
    case "loading":
      return <div aria-busy className="min-h-[600px]" />;
    case "missing":
      return (
        <Gone
          title="No such job"
          text={`There is no job ${id}. It may have been deleted, or the address is not whole.`}
        />
      );
    case "deleted":
      return <Gone title="The job was deleted" text={`Job ${id} is gone, with its history, its log and its files.`} />;
    case "problem":
      return (
        <div className="flex flex-col gap-4">
          <PageHead title="Job" />
          <ProblemNotice problem={followed.problem} what="The job could not be read." onRetry={followed.retry} />
        </div>
      );
    case "there":
      return <PresentJob {...followed} />;
  }
}

function Gone({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <>
      <PageHead title={title} />
      <EmptyState title={title}>
        <p className="m-0 break-all">{text}</p>
        <Link to="/jobs" className="text-accent">
          See all jobs
        </Link>
      </EmptyState>
    </>
  );
}

interface PresentJobProps {
  readonly job: JobSummary;
  readonly whole: Job;
  readonly log: JobLog;
}

const NO_ENTRIES: readonly HistoryEntry[] = [];

function PresentJob({ job, whole, log }: PresentJobProps) {
  const search = useSearch({ from: "/jobs/$id" });
  const history = useHistory(job.id);
  const entries = history.data ?? NO_ENTRIES;
  const timeline = useMemo(() => timelineOf(entries), [entries]);
  const since = timeline.endedAt ?? timeline.segments.at(-1)?.from;
  return (
    <div className="flex flex-col gap-4">
      <JobHead job={job} since={since} />
      <Notices job={job} />
      <ProgressPanel job={job} timeline={timeline} />
      <TimelinePanel timeline={timeline} entries={history.data} problem={history.error} onRetry={history.refetch} />
      <JobTabs job={job} whole={whole} log={log} entries={entries} search={search} />
    </div>
  );
}
