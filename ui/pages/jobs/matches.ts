// Whether a job belongs to a filtered list, as the server would decide it: for jobs that the live stream tells of.
import type { JobSummary } from "../../../src/client/index.ts";
import type { JobsFilter } from "./jobs-search.ts";

type Matched = Pick<JobSummary, "id" | "key" | "type" | "queue" | "state" | "labels">;

export function matches(job: Matched, { state, type, queue, label, q }: JobsFilter): boolean {
  if (state && !state.includes(job.state)) return false;
  if (type && !type.includes(job.type)) return false;
  if (queue && !queue.includes(job.queue)) return false;
  if (q !== undefined && !job.id.startsWith(q) && !(job.key ?? "").startsWith(q)) return false;
  return label === undefined || hasLabel(job, label);
}

function hasLabel({ labels }: Matched, label: string): boolean {
  const at = label.indexOf(":");
  const name = label.slice(0, at);
  return at > 0 && Object.hasOwn(labels, name) && labels[name] === label.slice(at + 1);
}
