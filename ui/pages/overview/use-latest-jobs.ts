// The newest jobs of some states, read again when one came into them or left them.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { JobSummary, State } from "../../../src/client/index.ts";
import { moment, putJobs } from "../../data/job-cache.ts";
import { onJobsChange } from "../../data/live.ts";
import { KEYS, queries, server } from "../../data/server.ts";

/** The list is read again at most this often, however much changes. */
const READ_EVERY_MS = 1_000;

interface Latest {
  readonly states: readonly State[];
  readonly limit: number;
}

export function useLatestJobs({ states, limit }: Latest): readonly JobSummary[] | undefined {
  const state = states.join(",");
  const { data } = useQuery({
    queryKey: [...KEYS.jobs, "latest", state],
    queryFn: async ({ signal }) => {
      const askedAt = moment();
      const { items } = await server.list({ state: states, limit }, { signal });
      putJobs(items, askedAt);
      return items;
    },
  });
  const listed = useRef<ReadonlySet<string>>(new Set());
  listed.current = new Set(data?.map(({ id }) => id));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text stands for the states.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const concerns = (job: JobSummary) => states.includes(job.state) !== listed.current.has(job.id);
    const stop = onJobsChange((items, removed) => {
      if (!items.some(concerns) && removed.length === 0) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: [...KEYS.jobs, "latest", state] });
      }, READ_EVERY_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [state]);
  return data;
}
