// What is running, how far it is, what failed, what is stuck: the page that opens when something goes wrong.
import { useQuery } from "@tanstack/react-query";
import { READS } from "../../data/server.ts";
import { FirstJob } from "../../parts/first-job.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { Attention } from "./attention.tsx";
import { FailedJobs } from "./failed-jobs.tsx";
import { HourChart } from "./hour-chart.tsx";
import { RunningJobs } from "./running-jobs.tsx";
import { StateFigures } from "./state-figures.tsx";
import { WorkersNow } from "./workers-now.tsx";

export function Overview() {
  const { data: stats, error, refetch } = useQuery(READS.stats);
  const isEmpty = stats !== undefined && Object.values(stats.states).every((jobs) => jobs === 0);
  return (
    <div className="flex flex-col gap-4">
      <PageHead title="Overview" />
      {error && <ProblemNotice problem={error} what="The figures could not be read." onRetry={() => void refetch()} />}
      <StateFigures stats={stats} />
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)] items-start gap-4 max-lg:grid-cols-1">
        <div className="flex min-w-0 flex-col gap-4 max-lg:order-2">
          {isEmpty ? <FirstJob /> : <RunningJobs stats={stats} />}
          <HourChart minutes={stats?.minutes ?? []} />
        </div>
        <div className="flex min-w-0 flex-col gap-4 max-lg:contents">
          <div className="max-lg:order-1">
            <Attention stats={stats} />
          </div>
          <div className="max-lg:order-3">
            <FailedJobs />
          </div>
          <div className="max-lg:order-4">
            <WorkersNow stats={stats} />
          </div>
        </div>
      </div>
    </div>
  );
}
