// Queues: what waits and runs in each, whether it is paused, and its limits.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Queue } from "../../../src/client/index.ts";
import { LEASED_STATES } from "../../../src/domain/lifecycle.ts";
import { KEYS, READS, server } from "../../data/server.ts";
import { useMay } from "../../data/session.ts";
import { useChange } from "../../data/use-change.ts";
import { count } from "../../format/number.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { QueryView } from "../../parts/query-view.tsx";
import { SubmitCommand } from "../../parts/shell-command.tsx";
import { StatePill } from "../../parts/state-pill.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { LimitsDialog } from "./limits-dialog.tsx";
import { PauseDialog } from "./pause-dialog.tsx";

/** The dialog that is open. */
interface Open {
  readonly kind: "pause" | "limits";
  readonly queue: Queue;
}

export function Queues() {
  const queues = useQuery(READS.queues);
  const mayAdminister = useMay("admin");
  const [open, setOpen] = useState<Open>();
  const columns = mayAdminister ? [...COLUMNS, actionsColumn(setOpen)] : COLUMNS;
  const close = () => setOpen(undefined);
  return (
    <div className="flex flex-col gap-4">
      <PageHead title="Queues" />
      <QueryView query={queues} what="The queues">
        {(items) =>
          items.length === 0 ? (
            <section className="panel">
              <EmptyState title="No queues yet.">
                <p className="m-0">A queue is there as soon as a job names it:</p>
                <SubmitCommand queue="reports" />
              </EmptyState>
            </section>
          ) : (
            <DataTable caption="Queues" columns={columns} rows={items} keyOf={({ name }) => name} />
          )
        }
      </QueryView>
      {open?.kind === "pause" && <PauseDialog queue={open.queue} onClose={close} />}
      {open?.kind === "limits" && <LimitsDialog queue={open.queue} onClose={close} />}
    </div>
  );
}

const jobsLink = (queue: string, state: string, jobs: number) =>
  jobs === 0 ? (
    <span className="text-muted">0</span>
  ) : (
    <Link to="/jobs" search={{ queue, state }} className="text-accent">
      {count(jobs)}
    </Link>
  );

const COLUMNS: readonly Column<Queue>[] = [
  {
    name: "Queue",
    isHead: true,
    cell: ({ name }) => (
      <Link to="/jobs" search={{ queue: name }} className="font-medium text-ink no-underline hover:underline">
        <bdi>{name}</bdi>
      </Link>
    ),
  },
  { name: "State", cell: ({ paused }) => <QueueState paused={paused} /> },
  { name: "Waiting", isNumber: true, cell: ({ name, waiting }) => jobsLink(name, "queued", waiting) },
  {
    name: "Running",
    isNumber: true,
    cell: ({ name, running }) => jobsLink(name, LEASED_STATES.join(","), running),
  },
  { name: "Paused", isNumber: true, cell: ({ name, pausedJobs }) => jobsLink(name, "paused", pausedJobs) },
  {
    name: "At once",
    isNumber: true,
    cell: ({ concurrency }) =>
      concurrency === null ? <span className="text-muted">any number</span> : count(concurrency),
  },
  {
    name: "Starts",
    cell: ({ rateLimit }) =>
      rateLimit === null ? (
        <span className="text-muted">any number</span>
      ) : (
        <span className="figures">
          {count(rateLimit.max)} in {rateLimit.perMs / 1_000} s
        </span>
      ),
  },
];

const actionsColumn = (setOpen: (open: Open) => void): Column<Queue> => ({
  name: "Actions",
  isActions: true,
  cell: (queue) => <Actions queue={queue} setOpen={setOpen} />,
});

function Actions({ queue, setOpen }: { readonly queue: Queue; readonly setOpen: (open: Open) => void }) {
  const { run } = useChange(KEYS.queues);
  const { name, paused } = queue;
  const resume = () => run(() => server.queues.resume(name), `The queue ${name} goes on.`);
  return (
    <span className="flex flex-wrap gap-1.5 max-sm:justify-end">
      {paused ? (
        <Button small aria-label={`Resume ${name}`} onClick={() => void resume()}>
          Resume
        </Button>
      ) : (
        <Button small aria-label={`Pause ${name}`} onClick={() => setOpen({ kind: "pause", queue })}>
          Pause
        </Button>
      )}
      <Button small aria-label={`Set limits of ${name}`} onClick={() => setOpen({ kind: "limits", queue })}>
        Limits
      </Button>
    </span>
  );
}

function QueueState({ paused }: Pick<Queue, "paused">) {
  if (!paused) return <span className="text-muted">open</span>;
  return (
    <>
      <StatePill view={{ word: "paused", tone: "paused", shape: "pause" }} />
      <span className="mt-1 block text-muted text-xs">
        since <TimeText at={paused.at} /> by <bdi>{paused.actor}</bdi>
        {paused.reason !== null && (
          <>
            : <bdi>{paused.reason}</bdi>
          </>
        )}
      </span>
    </>
  );
}
