// That a job failed, hangs, or cannot start is seen at once, wherever one looks on its page.
import { Link } from "@tanstack/react-router";
import { Hourglass, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { JobSummary } from "../../../src/client/index.ts";
import { isFinal } from "../../../src/domain/lifecycle.ts";
import { useNow } from "../../data/use-now.ts";
import { absolute, duration } from "../../format/duration.ts";
import { useIsQueuePaused } from "../../parts/job-line.tsx";
import type { JobSearch } from "./job-search.ts";

export function Notices({ job }: { readonly job: JobSummary }) {
  const { error } = job;
  return (
    <>
      {job.state === "queued" && <Waiting job={job} />}
      {job.abandoned && (
        <Notice look="wrong">
          Its code does not listen to the request to stop. It occupies its worker until it returns, or until the process
          ends.
        </Notice>
      )}
      {job.stalled && <Notice look="wrong">It has made no checkpoint for longer than its type allows.</Notice>}
      {error !== null && job.state !== "succeeded" && (
        <Notice look={isFinal(job.state) ? "failed" : "wrong"}>
          {!isFinal(job.state) && "The last attempt failed: "}
          <bdi>{error.message}</bdi>{" "}
          <Link
            to="/jobs/$id"
            params={{ id: job.id }}
            search={(before: JobSearch) => ({ ...before, tab: "error" as const })}
            replace
            resetScroll={false}
            className="whitespace-nowrap text-inherit underline"
          >
            See the error
          </Link>
        </Notice>
      )}
    </>
  );
}

/** Why it does not run now, where there is a reason. */
function Waiting({ job }: { readonly job: JobSummary }) {
  const now = useNow();
  const isQueuePaused = useIsQueuePaused(job);
  const at = Date.parse(job.availableAt);
  if (isQueuePaused) {
    return (
      <Notice look="waits">
        Its queue <bdi>{job.queue}</bdi> is paused: nothing of it is started.{" "}
        <Link to="/queues" className="text-inherit underline">
          See the queues
        </Link>
      </Notice>
    );
  }
  if (at <= now) return null;
  return (
    <Notice look="waits">
      {job.startedAt === null ? "It starts" : "It goes on"} in {duration(Math.ceil((at - now) / 1_000) * 1_000)}, at{" "}
      {absolute(at)}.
    </Notice>
  );
}

const LOOKS = {
  failed: "border-failed bg-failed-tint text-failed",
  wrong: "border-paused bg-paused-tint text-paused",
  waits: "border-line-strong bg-waiting-tint text-waiting",
} as const;

function Notice({ look, children }: { readonly look: keyof typeof LOOKS; readonly children: ReactNode }) {
  const Icon = look === "waits" ? Hourglass : TriangleAlert;
  return (
    <div className={`flex items-start gap-2.5 rounded border px-3 py-2 text-sm ${LOOKS[look]}`}>
      <Icon aria-hidden size={16} className="mt-0.5 shrink-0" />
      <p className="figures m-0 line-clamp-3 min-w-0 break-words">{children}</p>
    </div>
  );
}
