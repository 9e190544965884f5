// What a job left behind, as the manager answers it: any number of entries at once, with times as numbers.
import type { HistoryEntryView, LogLineView, RecordPage } from "../api/records.ts";
import { invalidRequest } from "../domain/errors.ts";
import type { HistoryEntry, LogLine } from "../domain/history.ts";
import type { Artifact } from "../domain/job.ts";
import type { PageRequest } from "../domain/job-control.ts";
import { ROUTES } from "./routes.ts";
import type { ReadOptions, Send } from "./send.ts";

/** Each rejects with `job_not_found` when there is no such job, and with `invalid_request` for a wrong page. */
export interface Records {
  /** Oldest first. */
  history(id: string, page?: PageRequest, options?: ReadOptions): Promise<readonly HistoryEntry[]>;
  /** Oldest first. */
  logs(id: string, page?: PageRequest, options?: ReadOptions): Promise<readonly LogLine[]>;
  artifacts(id: string, options?: ReadOptions): Promise<readonly Artifact[]>;
}

const LIMIT_DEFAULT = 1_000;
const LIMIT_MAX = 10_000;
/** What the server answers at once. */
const PAGE_MAX = 1_000;

export function createRecords(send: Send): Records {
  return {
    async history(id, page, { signal } = {}) {
      const read = async (query: Required<PageRequest>) =>
        (await send(ROUTES.listEvents, { params: { id }, query, signal })).body;
      return (await readPages(read, page)).map(toHistoryEntry);
    },
    async logs(id, page, { signal } = {}) {
      const read = async (query: Required<PageRequest>) =>
        (await send(ROUTES.listLogs, { params: { id }, query, signal })).body;
      return (await readPages(read, page)).map(toLogLine);
    },
    async artifacts(id, { signal } = {}) {
      return (await send(ROUTES.listArtifacts, { params: { id }, signal })).body.items;
    },
  };
}

async function readPages<T>(
  read: (query: Required<PageRequest>) => Promise<RecordPage<T>>,
  { after = 0, limit = LIMIT_DEFAULT }: PageRequest = {},
): Promise<readonly T[]> {
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX)) {
    throw invalidRequest(`limit is ${limit}; use a whole number from 1 to ${LIMIT_MAX}.`);
  }
  const found: T[] = [];
  for (let from: number | null = after; from !== null && found.length < limit; ) {
    const page: RecordPage<T> = await read({ after: from, limit: Math.min(PAGE_MAX, limit - found.length) });
    found.push(...page.items);
    from = page.nextAfter;
  }
  return found;
}

const toHistoryEntry = (entry: HistoryEntryView): HistoryEntry => ({ ...entry, at: Date.parse(entry.at) });
export const toLogLine = (line: LogLineView): LogLine => ({ ...line, at: Date.parse(line.at) });
