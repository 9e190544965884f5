// What is submitted again and again: when, what, and what became of the last time.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Schedule } from "../../../src/client/index.ts";
import { KEYS, READS, server } from "../../data/server.ts";
import { useMay } from "../../data/session.ts";
import { useChange } from "../../data/use-change.ts";
import { absolute } from "../../format/duration.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { ProblemNotice } from "../../parts/problem-notice.tsx";
import { QueryView } from "../../parts/query-view.tsx";
import { ScheduleCommand } from "../../parts/shell-command.tsx";
import { StatePill } from "../../parts/state-pill.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { cronWords } from "./cron-words.ts";
import { ScheduleDialog } from "./schedule-dialog.tsx";

const REFRESH_MS = 10_000;

type Open = { readonly kind: "new" } | { readonly kind: "edit" | "remove"; readonly schedule: Schedule };

export function Schedules() {
  const schedules = useQuery({ ...READS.schedules, refetchInterval: REFRESH_MS });
  const mayAdminister = useMay("admin");
  const [open, setOpen] = useState<Open>();
  const columns = mayAdminister ? [...COLUMNS, actionsColumn(setOpen)] : COLUMNS;
  const close = () => setOpen(undefined);
  return (
    <div className="flex flex-col gap-4">
      <PageHead
        title="Schedules"
        actions={
          mayAdminister && (
            <Button look="primary" onClick={() => setOpen({ kind: "new" })}>
              New schedule
            </Button>
          )
        }
      />
      <QueryView query={schedules} what="The schedules">
        {(items) =>
          items.length === 0 ? (
            <section className="panel">
              <EmptyState title="No schedules yet.">
                <p className="m-0">One submits a job at each of its times. From a shell:</p>
                <ScheduleCommand />
              </EmptyState>
            </section>
          ) : (
            <DataTable caption="Schedules" columns={columns} rows={items} keyOf={({ name }) => name} />
          )
        }
      </QueryView>
      {open?.kind === "new" && <ScheduleDialog schedule={null} onClose={close} />}
      {open?.kind === "edit" && <ScheduleDialog schedule={open.schedule} onClose={close} />}
      {open?.kind === "remove" && <RemoveDialog schedule={open.schedule} onClose={close} />}
    </div>
  );
}

const COLUMNS: readonly Column<Schedule>[] = [
  {
    name: "Schedule",
    isHead: true,
    cell: ({ name, type }) => (
      <>
        <span className="block font-medium">
          <bdi>{name}</bdi>
        </span>
        <span className="text-muted text-xs">
          submits <bdi>{type}</bdi>
        </span>
      </>
    ),
  },
  {
    name: "When",
    cell: ({ cron, timeZone }) => (
      <>
        <span className="block">{cronWords(cron)}</span>
        <span className="text-muted text-xs">
          <code className="font-mono">{cron}</code> in {timeZone}
        </span>
      </>
    ),
  },
  { name: "Next times", cell: (schedule) => <Upcoming schedule={schedule} /> },
  { name: "Last time", cell: ({ last }) => <Last last={last} /> },
  {
    name: "Overlap",
    cell: ({ overlap }) => (overlap === "skip" ? "left out while the last one runs" : "waits for the last one"),
  },
];

function Upcoming({ schedule: { paused, nextAt, upcoming } }: { readonly schedule: Schedule }) {
  if (paused) return <StatePill view={{ word: "paused", tone: "paused", shape: "pause" }} />;
  if (nextAt === null) return <span className="text-muted">none any more</span>;
  return (
    <details>
      <summary>
        <TimeText at={nextAt} />
      </summary>
      <ol className="figures m-0 mt-1 flex list-none flex-col p-0 text-muted text-xs">
        {upcoming.map((at) => (
          <li key={at}>{absolute(Date.parse(at))}</li>
        ))}
      </ol>
    </details>
  );
}

const OUTCOMES = { fired: "submitted", skipped: "left out", refused: "refused" } as const;

function Last({ last }: Pick<Schedule, "last">) {
  if (!last) return <span className="text-muted">not yet</span>;
  return (
    <>
      <span className={last.outcome === "refused" ? "text-failed" : ""}>{OUTCOMES[last.outcome]}</span>{" "}
      <TimeText at={last.at} />
      {last.jobId !== null && (
        <Link to="/jobs/$id" params={{ id: last.jobId }} className="block text-accent text-xs">
          its job
        </Link>
      )}
      {last.message !== null && (
        <span className="block text-muted text-xs">
          <bdi>{last.message}</bdi>
        </span>
      )}
    </>
  );
}

const actionsColumn = (setOpen: (open: Open) => void): Column<Schedule> => ({
  name: "Actions",
  isActions: true,
  cell: (schedule) => <Actions schedule={schedule} setOpen={setOpen} />,
});

function Actions({ schedule, setOpen }: { readonly schedule: Schedule; readonly setOpen: (open: Open) => void }) {
  const { run, isBusy } = useChange(KEYS.schedules);
  const { name, paused } = schedule;
  const toggle = () =>
    run(() => server.schedules.edit(name, { paused: !paused }), `${name} ${paused ? "goes on" : "is paused"}.`);
  return (
    <span className="flex flex-wrap gap-1.5 max-sm:justify-end">
      <Button
        small
        disabled={isBusy}
        aria-label={`${paused ? "Resume" : "Pause"} ${name}`}
        onClick={() => void toggle()}
      >
        {paused ? "Resume" : "Pause"}
      </Button>
      <Button small aria-label={`Edit ${name}`} onClick={() => setOpen({ kind: "edit", schedule })}>
        Edit
      </Button>
      <Button small aria-label={`Delete ${name}`} onClick={() => setOpen({ kind: "remove", schedule })}>
        Delete
      </Button>
    </span>
  );
}

function RemoveDialog({ schedule: { name }, onClose }: { readonly schedule: Schedule; readonly onClose: () => void }) {
  const { run, isBusy, problem } = useChange(KEYS.schedules);
  return (
    <Dialog title={`Delete the schedule ${name}`} onClose={onClose}>
      <div className="flex flex-col gap-4 text-sm">
        {problem !== null && <ProblemNotice problem={problem} what="It was not deleted." />}
        <p className="m-0">It submits nothing any more. The jobs that it has submitted stay.</p>
        <div className="flex gap-2">
          <Button
            look="danger"
            disabled={isBusy}
            onClick={() =>
              void run(() => server.schedules.remove(name), `${name} is deleted.`).then((done) => done && onClose())
            }
          >
            Delete the schedule
          </Button>
          <Button look="quiet" onClick={onClose}>
            Leave it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
