// The same request to every job that a filter names. Jobs are read page by page, newest first, so that memory stays the
// same however many there are, and so that jobs that are submitted meanwhile are never met.
import { invalidRequest } from "../domain/errors.ts";
import { factsOf } from "../domain/job.ts";
import type { BulkAnswer, BulkRequest, JobControl, JobFilter } from "../domain/job-control.ts";
import { ACTIONS, allowedActions } from "../domain/lifecycle.ts";
import type { ListedJob, Store } from "../ports/store.ts";
import { LOCAL_ACTOR, type WriteControl } from "./control.ts";
import { checkFields, checkFilter, FILTER_FIELDS } from "./request-fields.ts";

export interface BulkServices {
  readonly store: Pick<Store, "jobs">;
  readonly write: WriteControl;
}

/** Jobs that are read and asked at once. Others' requests wait behind one such page at most. */
const PAGE = 1_000;

export function createBulk({ store, write }: BulkServices): JobControl["bulk"] {
  return async (request, options = {}) => {
    checkBulk(request);
    const ask = askerOf(request, options.actor ?? LOCAL_ACTOR, write);
    let answer: BulkAnswer = { matched: 0, requested: 0, refused: 0 };
    for await (const page of pagesOf(store, request.filter)) {
      const asked = await Promise.all(page.map(ask));
      answer = add(answer, asked.filter(Boolean).length, page.length);
    }
    return answer;
  };
}

async function* pagesOf(store: BulkServices["store"], filter: JobFilter): AsyncGenerator<readonly ListedJob[]> {
  let after: string | null = null;
  for (;;) {
    const page: readonly ListedJob[] = await store.jobs.list({ ...filter, order: "newest", limit: PAGE, after });
    if (page.length > 0) yield page;
    after = page.at(-1)?.id ?? null;
    if (page.length < PAGE) return;
  }
}

/** Asks one job, and answers whether it takes the action. A job whose state forbids it is not written to at all. */
function askerOf({ action, reason, dryRun = false }: BulkRequest, actor: string, write: WriteControl) {
  return async (job: ListedJob): Promise<boolean> => {
    if (!allowedActions(job.phase, job.state, factsOf(job)).includes(action)) return false;
    if (dryRun) return true;
    const result = await write({
      id: job.id,
      action,
      actor,
      reason: reason ?? null,
      requestId: null,
      rollback: null,
      fromStart: false,
      phase: null,
    });
    return result.kind === "requested";
  };
}

const add = ({ matched, requested, refused }: BulkAnswer, yes: number, all: number): BulkAnswer => ({
  matched: matched + all,
  requested: requested + yes,
  refused: refused + all - yes,
});

/** A forgotten filter must not mean "all jobs", and neither must a list that turned out empty. */
function checkBulk({ action, filter }: BulkRequest): void {
  if (!ACTIONS.includes(action)) {
    throw invalidRequest(`"${action}" is no action. Use one of ${ACTIONS.join(", ")}.`);
  }
  checkFields("The filter", filter, FILTER_FIELDS);
  checkFilter(filter);
  const given = FILTER_FIELDS.filter((name) => filter[name] !== undefined);
  const empty = given.find((name) => filter[name]?.length === 0);
  if (empty) throw invalidRequest(`The filter's ${empty} is empty. Leave it out, or say which jobs are meant.`);
  if (given.length > 0) return;
  throw invalidRequest(
    `A bulk action needs a filter that says which jobs are meant: one of ${FILTER_FIELDS.join(", ")}. To mean all jobs that ` +
      'are not finished, name their states: ["queued", "running", "pausing", "paused", "cancelling"].',
  );
}
