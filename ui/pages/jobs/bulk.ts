// Asks the same of many jobs: of those that were selected one by one, or of all that match the filter.
import type { Action, BulkAnswer, BulkRequest, JobSummary } from "../../../src/client/index.ts";
import { cachedJob, moment, putJobs } from "../../data/job-cache.ts";
import { server } from "../../data/server.ts";
import { STATES_IN_ORDER } from "../../state/state-view.ts";
import type { JobsFilter } from "./jobs-search.ts";

/** `all`: of the filter, loaded or not. */
export type Selection =
  | { readonly kind: "some"; readonly ids: readonly string[] }
  | { readonly kind: "all"; readonly filter: JobsFilter };

/** Requests under way at once: browsers allow six to one server, and others want some. */
const AT_ONCE = 4;

/** What would come of it, as of now. */
export async function preview(selection: Selection, action: Action): Promise<BulkAnswer> {
  if (selection.kind === "all") return server.bulk({ action, filter: bulkFilter(selection.filter), dryRun: true });
  const jobs: (JobSummary | null)[] = [];
  await each(selection.ids, async (id) => void jobs.push(cachedJob(id) ?? (await server.get(id))));
  const requested = jobs.filter((job) => job?.allowedActions.includes(action)).length;
  return { matched: jobs.length, requested, refused: jobs.length - requested };
}

interface CarryOut {
  readonly reason: string | undefined;
  /** Hears how many of those that were selected one by one were asked. */
  readonly onProgress: (asked: number) => void;
}

/** Does it. */
export async function carryOut(
  selection: Selection,
  action: Action,
  { reason, onProgress }: CarryOut,
): Promise<BulkAnswer> {
  if (selection.kind === "all") return server.bulk({ action, filter: bulkFilter(selection.filter), reason });
  let asked = 0;
  let requested = 0;
  await each(selection.ids, async (id) => {
    requested += await ask(id, action, reason);
    asked += 1;
    onProgress(asked);
  });
  return { matched: selection.ids.length, requested, refused: selection.ids.length - requested };
}

async function each(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  const waiting = ids[Symbol.iterator]();
  const next = async () => {
    for (const id of waiting) await work(id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

/** 1 when it was taken, 0 when it was refused: the state of that job does not allow it any more. */
async function ask(id: string, action: Action, reason: string | undefined): Promise<number> {
  if (cachedJob(id)?.allowedActions.includes(action) === false) return 0;
  const askedAt = moment();
  try {
    const { job } = await server[action](id, reason === undefined ? {} : { reason });
    putJobs([job], askedAt);
    return 1;
  } catch {
    return 0;
  }
}

/** The server wants one that names something, so that nobody stops everything by leaving a word out. */
function bulkFilter({ order: _, ...filter }: JobsFilter): BulkRequest["filter"] {
  return Object.keys(filter).length === 0 ? { state: STATES_IN_ORDER } : filter;
}
