// The server that this page came from, and what was read of it.
import { QueryClient, queryOptions } from "@tanstack/react-query";
import { createClient, PawlError } from "../../src/client/index.ts";
import { timedFetch } from "./server-time.ts";

export const server = createClient({ url: location.origin, fetch: timedFetch });

/** The client has tried again already, where that makes sense. */
export const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 1_000, refetchOnWindowFocus: true } },
});

/** Keys of what was read, so that whoever changes it can have it read again. */
export const KEYS = {
  session: ["session"],
  stats: ["stats"],
  jobTypes: ["job-types"],
  jobs: ["jobs"],
  job: (id: string) => ["job", id],
  queues: ["queues"],
  workers: ["workers"],
  schedules: ["schedules"],
  datasets: ["datasets"],
  teams: ["teams"],
  audit: ["audit"],
  tokens: ["tokens"],
} as const;

/** What more than one page reads. */
export const READS = {
  stats: queryOptions({ queryKey: KEYS.stats, queryFn: () => server.stats() }),
  jobTypes: queryOptions({ queryKey: KEYS.jobTypes, queryFn: () => server.jobTypes(), staleTime: 60_000 }),
  queues: queryOptions({ queryKey: KEYS.queues, queryFn: () => server.queues.list() }),
  workers: queryOptions({ queryKey: KEYS.workers, queryFn: () => server.workers() }),
  schedules: queryOptions({ queryKey: KEYS.schedules, queryFn: () => server.schedules.list() }),
  datasets: queryOptions({ queryKey: KEYS.datasets, queryFn: () => server.datasets() }),
} as const;

/** Whether there is none, which no further try would change. */
export const isMissing = (problem: unknown): boolean =>
  problem instanceof PawlError && (problem.code === "job_not_found" || problem.code === "not_found");
