// The parts of a job below its timeline. Which one is shown stands in the address.
import { Link } from "@tanstack/react-router";
import type { HistoryEntry, Job, JobSummary } from "../../../src/client/index.ts";
import { isFinal } from "../../../src/domain/lifecycle.ts";
import { count } from "../../format/number.ts";
import { DataTree } from "../../parts/data-tree.tsx";
import { ErrorTab } from "./error-tab.tsx";
import { HistoryTab } from "./history-tab.tsx";
import { type JobSearch, TABS, type Tab } from "./job-search.ts";
import type { JobLog } from "./log/job-log.ts";
import { LogTab } from "./log/log-tab.tsx";
import { OutputTab } from "./output-tab.tsx";
import { RawTab } from "./raw-tab.tsx";

interface JobTabsProps {
  readonly job: JobSummary;
  readonly whole: Job;
  readonly log: JobLog;
  readonly entries: readonly HistoryEntry[];
  readonly search: JobSearch;
}

const NAMES: Readonly<Record<Tab, string>> = {
  log: "Log",
  input: "Input",
  output: "Output",
  error: "Error",
  history: "History",
  raw: "Raw JSON",
};

export function JobTabs(props: JobTabsProps) {
  const { job, whole, entries, search } = props;
  const { tab: chosen = "log" } = search;
  const counts: Partial<Record<Tab, number>> = {
    output: whole.artifacts.length,
    error: job.error === null ? 0 : 1,
    history: entries.length,
  };
  return (
    <section aria-labelledby="parts" className="flex min-h-[360px] flex-col gap-4">
      <h2 id="parts" className="sr-only">
        Details
      </h2>
      <nav aria-label="Parts of the job" className="flex gap-1 overflow-x-auto border-line border-b p-0.5 pb-0">
        {TABS.map((tab) => (
          <Link
            key={tab}
            to="/jobs/$id"
            params={{ id: job.id }}
            search={(before: JobSearch) => withTab(before, tab)}
            replace
            resetScroll={false}
            activeOptions={{ exact: true, includeSearch: true }}
            activeProps={{ "aria-current": "page" }}
            className="-mb-px flex h-9 shrink-0 items-center gap-1.5 rounded-t border-transparent border-b-2 px-3 text-muted text-sm no-underline hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
          >
            {NAMES[tab]}
            <TabCount tab={tab} value={counts[tab] ?? 0} />
          </Link>
        ))}
      </nav>
      <TabBody {...props} tab={chosen} />
    </section>
  );
}

function TabCount({ tab, value }: { readonly tab: Tab; readonly value: number }) {
  if (value === 0) return null;
  if (tab === "error") return <span aria-hidden className="size-2 rounded-full bg-failed" />;
  return <span className="figures rounded-full bg-sunken px-1.5 text-xs">{count(value)}</span>;
}

function TabBody({ tab, job, whole, log, entries, search }: JobTabsProps & { readonly tab: Tab }) {
  switch (tab) {
    case "log":
      return <LogTab jobId={job.id} isOver={isFinal(job.state)} log={log} search={search} />;
    case "input":
      return <DataTree value={whole.input} label="input" />;
    case "output":
      return <OutputTab whole={whole} />;
    case "error":
      return <ErrorTab job={job} whole={whole} />;
    case "history":
      return <HistoryTab entries={entries} />;
    case "raw":
      return <RawTab job={job} whole={whole} />;
  }
}

/** What is chosen of the log stays, for when one comes back to it. */
const withTab = ({ tab: _, ...rest }: JobSearch, tab: Tab): JobSearch => (tab === "log" ? rest : { ...rest, tab });
