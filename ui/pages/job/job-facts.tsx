// What else there is to know of a job, in short.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { JobSummary } from "../../../src/client/index.ts";
import { useWorkerName } from "../../data/worker-names.ts";
import { duration } from "../../format/duration.ts";
import { count } from "../../format/number.ts";
import { TimeText } from "../../parts/time-text.tsx";

const linkClasses = "inline-flex min-h-6 max-w-full items-center truncate text-ink";

export function JobFacts({ job }: { readonly job: JobSummary }) {
  const { queue, priority, labels, createdAt, worker, checkpoint, timeoutMs, concurrencyKey } = job;
  return (
    <dl className="m-0 flex flex-wrap gap-x-6 gap-y-1 text-sm">
      <Fact name="Submitted">
        <TimeText at={createdAt} />
      </Fact>
      <Fact name="Queue">
        <Link to="/jobs" search={{ queue }} className={linkClasses}>
          <bdi>{queue}</bdi>
        </Link>
      </Fact>
      {priority !== 0 && <Fact name="Priority">{count(priority)}</Fact>}
      {worker !== null && (
        <Fact name="Worker">
          <Link to="/workers" className={linkClasses} title={worker}>
            <Worker id={worker} />
          </Link>
        </Fact>
      )}
      {checkpoint.savedAt !== null && (
        <Fact name="Checkpoint">
          {count(checkpoint.seq)}, <TimeText at={checkpoint.savedAt} />
        </Fact>
      )}
      {timeoutMs !== null && <Fact name="Time limit">{duration(timeoutMs)}</Fact>}
      {concurrencyKey !== null && (
        <Fact name="Shares a limit">
          <bdi>{concurrencyKey}</bdi>
        </Fact>
      )}
      {Object.entries(labels).map(([name, value]) => (
        <Fact key={name} name={name}>
          <Link to="/jobs" search={{ label: `${name}:${value}` }} className={linkClasses}>
            <bdi>{value}</bdi>
          </Link>
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex min-w-0 max-w-full items-baseline gap-1.5">
      <dt className="shrink-0 text-muted">
        <bdi>{name}</bdi>
      </dt>
      <dd className="figures m-0 min-w-0 truncate">{children}</dd>
    </div>
  );
}

function Worker({ id }: { readonly id: string }) {
  return <bdi>{useWorkerName(id) ?? id.slice(-12)}</bdi>;
}
