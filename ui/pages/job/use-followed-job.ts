// One job, followed: read whole when the page opens and whenever it takes a step, and kept fresh by one stream that brings its
// states and its log, which is the one stream of the page.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { HistoryEntry, Job, JobSummary } from "../../../src/client/index.ts";
import { isLeased } from "../../../src/domain/lifecycle.ts";
import { cachedJob, moment, putJobs, useJob } from "../../data/job-cache.ts";
import { type Following, followInstead, tellJobs } from "../../data/live.ts";
import { isMissing, KEYS, queries, server } from "../../data/server.ts";
import { serverNow } from "../../data/server-time.ts";
import { createJobLog, type JobLog } from "./log/job-log.ts";
import { addSample } from "./rate/samples.ts";

export type FollowedJob =
  | { readonly kind: "loading" }
  | { readonly kind: "missing" }
  | { readonly kind: "deleted" }
  | { readonly kind: "problem"; readonly problem: Error; readonly retry: () => void }
  | { readonly kind: "there"; readonly job: JobSummary; readonly whole: Job; readonly log: JobLog };

const SAMPLE_EVERY_MS = 1_000;

export function useFollowedJob(id: string): FollowedJob {
  const log = useMemo(() => createJobLog(id), [id]);
  const read = useQuery({ queryKey: KEYS.job(id), queryFn: ({ signal }) => readWhole(id, signal) });
  const whole = read.data ?? undefined;
  const job = useJob(id, whole);
  const isThere = whole !== undefined;

  useEffect(() => {
    if (!isThere) return;
    const stopFollowing = followInstead(followOne(id, log));
    const sampling = setInterval(() => sample(id), SAMPLE_EVERY_MS);
    return () => {
      stopFollowing();
      clearInterval(sampling);
    };
  }, [id, log, isThere]);

  if (job === null || (read.data === null && job !== undefined)) return { kind: "deleted" };
  if (job && whole) return { kind: "there", job, whole, log };
  if (read.data === null) return { kind: "missing" };
  if (read.error) return { kind: "problem", problem: read.error, retry: () => void read.refetch() };
  return { kind: "loading" };
}

async function readWhole(id: string, signal: AbortSignal): Promise<Job | null> {
  const askedAt = moment();
  const job = await server.get(id, { signal });
  if (job) putJobs([job], askedAt);
  return job;
}

/** All that happened to the job. Only what came since the last read is asked for. */
export function useHistory(id: string) {
  const queryKey = [...KEYS.job(id), "history"];
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const known = queries.getQueryData<readonly HistoryEntry[]>(queryKey) ?? [];
      const added = await server.history(id, { after: known.at(-1)?.seq ?? 0, limit: 10_000 }, { signal });
      return added.length === 0 ? known : [...known, ...added];
    },
  });
}

function followOne(id: string, log: JobLog): Following {
  return async (signal, onConnection) => {
    let step = "";
    try {
      const after = await log.open(signal);
      for await (const event of server.follow(id, { after, until: "removed", signal, onConnection })) {
        if (event.kind === "log") log.append(event.lines);
        if (event.kind === "removed") tellJobs([], [id]);
        if (event.kind !== "job") continue;
        tellJobs([event.job], []);
        sample(id);
        const next = stepOf(event.job);
        if (step !== "" && next !== step) void queries.invalidateQueries({ queryKey: KEYS.job(id) });
        step = next;
      }
    } catch (problem) {
      if (!isMissing(problem)) throw problem;
      tellJobs([], [id]);
    }
  };
}

/** What a step of the job changes: more of it is in its history, and perhaps in its output. */
const stepOf = ({ state, phase, attempt, control, worker, abandoned, stalled }: JobSummary): string =>
  JSON.stringify([state, phase, attempt, control, worker, abandoned, stalled]);

function sample(id: string): void {
  const job = cachedJob(id);
  if (!job) return;
  const { done, unit, ratePerSecond } = job.progress;
  addSample(id, { at: serverNow(), done, unit, rate: ratePerSecond, isRunning: isLeased(job.state) });
}
