// The last request: who asked for what and why, and apart from that when it was reached.
import type { JobSummary } from "../../../src/client/index.ts";
import { TimeText } from "../../parts/time-text.tsx";
import { ACTION_VIEWS } from "../../state/actions.ts";
import { exactly } from "./timeline/timeline-text.ts";

export function RequestLine({ control }: { readonly control: NonNullable<JobSummary["control"]> }) {
  const { action, actor, reason, requestedAt, reachedAt } = control;
  const tookMs = reachedAt === null ? null : Date.parse(reachedAt) - Date.parse(requestedAt);
  return (
    <p className="m-0 min-w-0 break-words text-muted text-sm">
      {ACTION_VIEWS[action].verb} requested by <bdi>{actor}</bdi> <TimeText at={requestedAt} /> ·{" "}
      {tookMs === null ? "not reached yet" : `reached ${tookMs < 1 ? "at once" : `after ${exactly(tookMs)}`}`}
      {reason !== null && reason !== "" && (
        <>
          {" · “"}
          <bdi>{reason}</bdi>”
        </>
      )}
    </p>
  );
}
