// What the hub asks of someone who follows jobs, and the frames that they are told in.
import { toLogLineView } from "../api/records.ts";
import type { LogLine } from "../domain/history.ts";
import type { JobSummary } from "../domain/job.ts";
import type { Slice } from "./change-ring.ts";
import type { EventSink } from "./event-sink.ts";

/** A job, and its JSON, which is written once for all who are told. */
export interface FreshJob {
  readonly summary: JobSummary;
  readonly json: string;
}

export interface Follower {
  readonly sink: EventSink;
  /** Whether there is something to tell. */
  readonly pending: boolean;
  /** Answers the jobs that `tell` will need. `slices` is shared by all followers of one round. */
  prepare(slices: Map<string, Slice | null>): Iterable<string>;
  /** Tells what was prepared; jobs that are not in `fresh` are gone. */
  tell(fresh: ReadonlyMap<string, FreshJob>): void | Promise<void>;
}

export const toFreshJob = (summary: JobSummary): FreshJob => ({ summary, json: JSON.stringify(summary) });

export const jobsFrame = (items: readonly string[], removed: readonly string[]) =>
  `{"items":[${items.join(",")}],"removed":${JSON.stringify(removed)}}`;

export const logFrame = (jobId: string, lines: readonly LogLine[]) =>
  JSON.stringify({ jobId, items: lines.map(toLogLineView) });

export const RESYNC_FRAME = "{}";
