// What went wrong, where, and what can be done about it.
import type { Job, JobSummary } from "../../../src/client/index.ts";
import { count } from "../../format/number.ts";
import { DataTree } from "../../parts/data-tree.tsx";
import { EmptyState } from "../../parts/empty-state.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { whatToDo } from "./what-to-do.ts";

interface ErrorTabProps {
  readonly job: JobSummary;
  readonly whole: Job;
}

export function ErrorTab({ job, whole }: ErrorTabProps) {
  const { error } = whole;
  if (error === null) return <EmptyState title="Nothing has gone wrong." />;
  const steps = whatToDo(job);
  return (
    <div className="flex flex-col gap-4">
      <div className="rounded border border-failed bg-failed-tint p-4 text-failed">
        <p className="m-0 font-mono text-xs">
          <bdi>{error.code}</bdi>
        </p>
        <p className="m-0 whitespace-pre-wrap break-words text-base">
          <bdi>{error.message}</bdi>
        </p>
      </div>
      <dl className="m-0 grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 text-sm">
        <dt className="text-muted">When</dt>
        <dd className="m-0">
          <TimeText at={error.at} />
        </dd>
        <dt className="text-muted">Attempt</dt>
        <dd className="figures m-0">
          {count(error.attempt)} of {count(job.maxAttempts)}
        </dd>
        {steps.length > 0 && (
          <>
            <dt className="text-muted">What to do</dt>
            <dd className="m-0">
              {steps.map((step) => (
                <p key={step} className="m-0">
                  {step}
                </p>
              ))}
            </dd>
          </>
        )}
      </dl>
      {error.details !== null && (
        <section aria-labelledby="error-place" className="flex flex-col gap-2">
          <h3 id="error-place" className="m-0 font-medium text-sm">
            Place and details
          </h3>
          <DataTree value={error.details} label="details" />
        </section>
      )}
    </div>
  );
}
