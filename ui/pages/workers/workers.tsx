// Who runs what, and since when.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { WorkerInfo } from "../../../src/client/index.ts";
import { READS } from "../../data/server.ts";
import { count } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Command, EmptyState } from "../../parts/empty-state.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { QueryView } from "../../parts/query-view.tsx";
import { TimeText } from "../../parts/time-text.tsx";

const JOBS_SHOWN = 6;
const REFRESH_MS = 5_000;

export function Workers() {
  const workers = useQuery({ ...READS.workers, refetchInterval: REFRESH_MS });
  return (
    <div className="flex flex-col gap-4">
      <PageHead title="Workers" />
      <QueryView query={workers} what="The workers">
        {(items) =>
          items.length === 0 ? (
            <section className="panel">
              <EmptyState title="No worker is alive.">
                <p className="m-0">Jobs wait until one is started, on this machine or another:</p>
                <Command>pawl work --database postgres://…</Command>
              </EmptyState>
            </section>
          ) : (
            <DataTable caption="Workers that are alive" columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
          )
        }
      </QueryView>
    </div>
  );
}

const COLUMNS: readonly Column<WorkerInfo>[] = [
  {
    name: "Host and process",
    isHead: true,
    cell: ({ host, pid, id }) => (
      <>
        <span className="font-medium">
          <bdi>{host}</bdi> <span className="figures text-muted">{pid}</span>
        </span>
        <span className="block truncate font-mono text-muted text-xs" title={id}>
          {id}
        </span>
      </>
    ),
  },
  {
    name: "Running",
    isNumber: true,
    cell: ({ running, concurrency }) => (
      <>
        {count(running)} <span className="text-muted">of {count(concurrency)}</span>
      </>
    ),
  },
  { name: "Queues", cell: ({ queues }) => <Served queues={queues} /> },
  { name: "Started", cell: ({ startedAt }) => <TimeText at={startedAt} /> },
  { name: "Last heard of", cell: ({ seenAt }) => <TimeText at={seenAt} /> },
  { name: "Jobs, the longest first", cell: ({ jobs, running }) => <HeldJobs jobs={jobs} running={running} /> },
];

/** The queues that it claims from. */
function Served({ queues }: Pick<WorkerInfo, "queues">) {
  if (queues === null) return <span className="text-muted">all</span>;
  return <bdi>{queues.join(", ")}</bdi>;
}

function HeldJobs({ jobs, running }: Pick<WorkerInfo, "jobs" | "running">) {
  const [isAll, setAll] = useState(false);
  if (running === 0) return <span className="text-muted">idle</span>;
  const shown = isAll ? jobs : jobs.slice(0, JOBS_SHOWN);
  return (
    <>
      <ul className="m-0 flex list-none flex-col p-0">
        {shown.map(({ id, type, queue, claimedAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-2 max-sm:justify-end">
            <Link to="/jobs/$id" params={{ id }} className="inline-flex min-h-7 items-center text-accent">
              <bdi>{type}</bdi>
            </Link>
            <span className="text-muted text-xs">
              in <bdi>{queue}</bdi>, since <TimeText at={claimedAt} short />
            </span>
          </li>
        ))}
      </ul>
      {jobs.length > JOBS_SHOWN && (
        <Button small look="quiet" className="-ml-2.5 mt-1" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
          {isAll ? "Show fewer" : `Show ${count(jobs.length - JOBS_SHOWN)} more`}
        </Button>
      )}
      {isAll && running > jobs.length && (
        <span className="text-muted text-xs">and {count(running - jobs.length)} that it has held for less time</span>
      )}
    </>
  );
}
