// The list's filter, applied to jobs that a stream is about to show.
import type { JobSummary } from "../domain/job.ts";
import type { JobFilter } from "../domain/job-control.ts";
import type { JobChange } from "../ports/notifier.ts";

const isIn = <T>(values: readonly T[] | undefined, value: T) => values === undefined || values.includes(value);

/** Whether a changed job could match, as far as the change tells. Its state is left out: who leaves the filter must be told. */
export function mayMatch(filter: JobFilter, change: JobChange): boolean {
  return isIn(filter.type, change.type) && isIn(filter.queue, change.queue);
}

/** Whether a job matches in everything but its state. */
function matchesLasting(filter: JobFilter, job: JobSummary): boolean {
  const { key, label, q } = filter;
  if (!isIn(filter.type, job.type) || !isIn(filter.queue, job.queue)) return false;
  if (key !== undefined && job.key !== key) return false;
  if (q !== undefined && !job.id.startsWith(q) && !job.key?.startsWith(q)) return false;
  if (label === undefined) return true;
  const colon = label.indexOf(":");
  return job.labels[label.slice(0, colon)] === label.slice(colon + 1);
}

/** `shown`: it matches. `left`: it does not, but may have, before it changed. `foreign`: it never did. */
export function judge(filter: JobFilter, job: JobSummary): "shown" | "left" | "foreign" {
  if (!matchesLasting(filter, job)) return "foreign";
  return isIn(filter.state, job.state) ? "shown" : "left";
}
