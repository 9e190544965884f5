// The state of a job, which may change by the clock alone: a scheduled one waits from its time on.
import type { JobSummary } from "../../src/client/index.ts";
import { useReadNow } from "../data/use-now.ts";
import { stateView } from "../state/state-view.ts";
import { StatePill } from "./state-pill.tsx";

export function JobPill({ job }: { readonly job: JobSummary }) {
  const isLater = useReadNow((now) => Date.parse(job.availableAt) > now);
  return <StatePill view={stateView(job, isLater ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)} />;
}
