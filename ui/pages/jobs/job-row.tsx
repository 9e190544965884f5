// One job, one line: state, what it is, how far, where, who runs it, how old, and what can be asked of it.
import { memo } from "react";
import type { Action, JobSummary } from "../../../src/client/index.ts";
import { useJob } from "../../data/job-cache.ts";
import { classes } from "../../parts/class-names.ts";
import { JobActions } from "../../parts/job-actions.tsx";
import { JobLine } from "../../parts/job-line.tsx";
import { JobName } from "../../parts/job-name.tsx";
import { JobPill } from "../../parts/job-pill.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { WorkerName } from "../../parts/worker-name.tsx";

export interface JobRowProps {
  readonly id: string;
  readonly index: number;
  /** Where in the table it stands, in px. */
  readonly top: number;
  readonly height: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly canSelect: boolean;
  readonly onSelect: (id: string, isRange: boolean) => void;
  readonly onFocus: (id: string) => void;
  readonly onAction: (id: string, action: Action) => void;
}

/** The columns, which the head of the table has too. On a phone a row is a card. */
export const COLUMNS =
  "grid grid-cols-[28px_128px_minmax(160px,1fr)_minmax(220px,1.25fr)_minmax(96px,0.5fr)_40px_142px] items-center gap-x-3 max-lg:grid-cols-[28px_128px_minmax(120px,1fr)_minmax(160px,1.2fr)_142px]";
const CARD = "max-sm:flex max-sm:flex-wrap max-sm:content-center max-sm:gap-x-3 max-sm:gap-y-1.5";

export const JobRow = memo(function JobRow({ id, ...rest }: JobRowProps) {
  const { index, top, height, isActive, isSelected, onFocus } = rest;
  const job = useJob(id);
  return (
    <tr
      aria-rowindex={index + 2}
      data-job={id}
      onFocus={() => onFocus(id)}
      className={classes(
        "absolute inset-x-0 top-0 border-line border-b px-3 text-sm",
        COLUMNS,
        CARD,
        isSelected ? "bg-running-tint" : "bg-surface hover:bg-page",
        isActive && "shadow-[inset_3px_0_0_var(--accent)]",
      )}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      {job ? (
        <Cells job={job} {...rest} />
      ) : (
        <td className="col-span-full p-0 pl-10 text-muted">
          {job === null && (
            <>
              Deleted: <span className="font-mono text-xs">{id}</span>
            </>
          )}
        </td>
      )}
    </tr>
  );
});

type CellsProps = Pick<JobRowProps, "isSelected" | "canSelect" | "onSelect" | "onAction"> & {
  readonly job: JobSummary;
};

function Cells({ job, isSelected, canSelect, onSelect, onAction }: CellsProps) {
  const name = job.key ?? job.id;
  return (
    <>
      <td className="flex p-0">
        {canSelect && (
          <label className="grid size-7 place-items-center">
            <input
              type="checkbox"
              aria-label={`Select ${job.type} ${name}`}
              className="size-4 accent-accent"
              checked={isSelected}
              onChange={(event) =>
                onSelect(job.id, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)
              }
            />
          </label>
        )}
      </td>
      <td className="min-w-0 overflow-hidden p-0">
        <JobPill job={job} />
      </td>
      <td className="min-w-0 p-0 max-sm:order-2 max-sm:w-full max-sm:pl-10">
        <JobName job={job} onSpace={canSelect ? () => onSelect(job.id, false) : undefined} />
      </td>
      <td className="flex min-w-0 flex-col gap-1 p-0 max-sm:order-3 max-sm:w-full max-sm:pl-10">
        <JobLine job={job} />
      </td>
      <td className="min-w-0 p-0 text-muted max-lg:hidden">
        <span className="block truncate" title={job.queue}>
          <bdi>{job.queue}</bdi>
        </span>
        <WorkerName id={job.worker} />
      </td>
      <td className="p-0 text-right text-muted text-xs max-lg:hidden max-sm:order-1 max-sm:ml-auto max-sm:block">
        <TimeText at={job.createdAt} short />
      </td>
      <td className="flex justify-end gap-1.5 p-0 max-sm:order-4 max-sm:w-full max-sm:justify-start max-sm:pl-10">
        <JobActions job={job} small most={2} onAction={(action) => onAction(job.id, action)} />
      </td>
    </>
  );
}
