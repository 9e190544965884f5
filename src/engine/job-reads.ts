// Looking at jobs: one, a page, and what a job left behind. Reads that are made at the same time share one trip to the store.
import { invalidRequest, jobNotFound } from "../domain/errors.ts";
import { type JobRecord, type JobSummary, toJob, toSummary } from "../domain/job.ts";
import type { JobControl, ListRequest, Page, PageRequest } from "../domain/job-control.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobStore, Store } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";
import { checkFields, checkFilter, FILTER_FIELDS } from "./request-fields.ts";

export type JobReads = Pick<JobControl, "get" | "list" | "history" | "logs" | "artifacts">;

export interface JobReadServices {
  readonly store: Store;
  readonly clock: Clock;
}

const READ_LIMIT = 100;
const LIST_DEFAULT = 50;
const LIST_LIMIT = 200;
const PAGE_DEFAULT = 1_000;
const PAGE_LIMIT = 10_000;

export function createJobReads({ store, clock }: JobReadServices): JobReads {
  const find = createBatcher<string, JobRecord | null>({
    flush: (ids) => readEach(store.jobs, ids),
    limit: READ_LIMIT,
  });
  const need = async (id: string): Promise<JobRecord> => {
    const job = await find(id);
    if (!job) throw jobNotFound(id);
    return job;
  };
  return {
    async get(id) {
      const job = await find(id);
      return job && toJob(job, clock.now());
    },
    list: (request = {}) => list({ store, clock }, request),
    async history(id, page = {}) {
      const entries = await store.history.history(id, pageOf(page));
      if (entries.length === 0) await need(id);
      return entries;
    },
    async logs(id, page = {}) {
      const lines = await store.logs.logs(id, pageOf(page));
      if (lines.length === 0) await need(id);
      return lines;
    },
    artifacts: async (id) => toJob(await need(id), clock.now()).artifacts,
  };
}

async function readEach(jobs: JobStore, ids: readonly string[]): Promise<readonly (JobRecord | null)[]> {
  const records = new Map((await jobs.get([...new Set(ids)])).map((job) => [job.id, job]));
  return ids.map((id) => records.get(id) ?? null);
}

async function list({ store, clock }: JobReadServices, request: ListRequest): Promise<Page<JobSummary>> {
  const limit = checkLimit(request.limit ?? LIST_DEFAULT, LIST_LIMIT);
  const { order = "newest", cursor = null, limit: _limit, ...filter } = request;
  checkFields("The list", filter, FILTER_FIELDS);
  checkFilter(filter);
  // One more than asked tells whether there is a next page.
  const records = await store.jobs.list({ ...filter, order, limit: limit + 1, after: cursor });
  const items = records.slice(0, limit).map((job) => toSummary(job, clock.now()));
  return { items, nextCursor: records.length > limit ? (items.at(-1)?.id ?? null) : null };
}

function pageOf({ after = 0, limit = PAGE_DEFAULT }: PageRequest): Required<PageRequest> {
  return { after, limit: checkLimit(limit, PAGE_LIMIT) };
}

function checkLimit(limit: number, most: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw invalidRequest(`limit is ${limit}; use a whole number from 1 to ${most}.`);
}
