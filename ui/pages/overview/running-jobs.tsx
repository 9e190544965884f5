// What runs now, how far and how fast, and the buttons that stop it.
import { Link } from "@tanstack/react-router";
import type { Action, Stats } from "../../../src/client/index.ts";
import { LEASED_STATES } from "../../../src/domain/lifecycle.ts";
import { useJob } from "../../data/job-cache.ts";
import { count } from "../../format/number.ts";
import { JobActions } from "../../parts/job-actions.tsx";
import { JobLine } from "../../parts/job-line.tsx";
import { JobName } from "../../parts/job-name.tsx";
import { JobPill } from "../../parts/job-pill.tsx";
import { useSteering } from "../../parts/use-steering.tsx";
import { PanelHead } from "./panel-head.tsx";
import { useLatestJobs } from "./use-latest-jobs.ts";
import { useSettled } from "./use-settled.ts";

const SHOWN = 8;

export function RunningJobs({ stats }: { readonly stats: Stats | undefined }) {
  const present = useLatestJobs({ states: LEASED_STATES, limit: SHOWN });
  const { ids, holds } = useSettled(
    present?.map(({ id }) => id),
    SHOWN,
  );
  const { act, dialog } = useSteering();
  const all = stats && LEASED_STATES.reduce((sum, state) => sum + stats.states[state], 0);
  return (
    <section aria-labelledby="running" className="panel min-h-[240px]">
      <PanelHead id="running" title="Running now">
        <Link to="/jobs" search={{ state: LEASED_STATES.join(",") }} className="figures text-accent text-sm">
          All{all === undefined ? "" : ` ${count(all)}`}
        </Link>
      </PanelHead>
      {present?.length === 0 && ids.length === 0 && (
        <p className="m-0 px-4 py-8 text-center text-muted text-sm">Nothing is running.</p>
      )}
      <ul className="m-0 list-none p-0" {...holds}>
        {ids.map((id) => (
          <RunningJob key={id} id={id} onAction={act} />
        ))}
      </ul>
      {dialog}
    </section>
  );
}

interface RunningJobProps {
  readonly id: string;
  readonly onAction: (id: string, action: Action) => void;
}

function RunningJob({ id, onAction }: RunningJobProps) {
  const job = useJob(id);
  if (!job) return null;
  return (
    <li className="relative grid min-h-14 grid-cols-[92px_minmax(0,1fr)_minmax(0,1.7fr)_auto] items-center gap-x-3 border-line border-b px-4 py-2 text-sm last:border-b-0 max-sm:grid-cols-1 max-sm:gap-y-1.5 max-sm:py-3">
      <span>
        <JobPill job={job} />
      </span>
      <div className="min-w-0">
        <JobName job={job} />
      </div>
      <div className="flex min-w-0 flex-col gap-1">
        <JobLine job={job} />
      </div>
      <div className="flex justify-end gap-1.5 max-sm:justify-start">
        <JobActions job={job} small most={2} onAction={(action) => onAction(id, action)} />
      </div>
    </li>
  );
}
