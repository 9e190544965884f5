// Inserts that are all or nothing, and repeatable: with an idempotency key the same request answers the same jobs again.
import { idempotencyConflict, PawlError } from "../domain/errors.ts";
import type { JobRecord } from "../domain/job.ts";
import type { SubmitAnswer, SubmitOptions } from "../domain/job-control.ts";
import { LIMITS } from "../domain/limits.ts";
import type { Idempotency, InsertResult, NewJob, SubmitStore } from "../ports/store.ts";
import { LOCAL_ACTOR } from "./control.ts";
import { recordOf } from "./new-job.ts";
import { digestOf } from "./request-digest.ts";
import { checkName } from "./submit-checks.ts";
import { refusalOf } from "./submit-refusals.ts";

/** How long a key repeats its answer. */
const KEEP_MS = 24 * 3_600_000;

/** What makes this request repeatable; `null` when its caller did not ask for that. */
export async function idempotencyOf(request: unknown, options: SubmitOptions): Promise<Idempotency | null> {
  const { idempotencyKey: key, actor = LOCAL_ACTOR, digest } = options;
  if (key === undefined) return null;
  checkName("idempotencyKey", key, LIMITS.idempotencyKeyLength);
  return { caller: actor, key, digest: digest ?? (await digestOf(request)), keepMs: KEEP_MS };
}

export interface TogetherOptions {
  readonly idempotency: Idempotency | null;
  /** Turns the error of the member at `index` into the caller's. */
  readonly refusal: (index: number, error: PawlError) => unknown;
}

export interface Together {
  readonly outcome: SubmitAnswer["outcome"];
  /** In the order of the request. */
  readonly records: readonly JobRecord[];
}

export async function insertTogether(
  store: SubmitStore,
  jobs: readonly NewJob[],
  { idempotency, refusal }: TogetherOptions,
): Promise<Together> {
  const result = await store.insertTogether(jobs, { idempotency });
  switch (result.kind) {
    case "inserted":
      return { outcome: "created", records: jobs.map((job) => recordOf(job, result.at)) };
    case "replayed":
      return { outcome: "existing", records: await replayed(store, result.ids, idempotency?.key ?? "") };
    case "idempotency_conflict":
      throw idempotencyConflict(idempotency?.key ?? "");
    case "refused":
      throw refusal(result.index, refusedMember(jobs[result.index], result.result));
  }
}

function refusedMember(job: NewJob | undefined, result: InsertResult): PawlError {
  return job ? refusalOf(job, result) : new PawlError("internal", "The store refused a job that it was not given.");
}

async function replayed(store: SubmitStore, ids: readonly string[], key: string): Promise<readonly JobRecord[]> {
  const found = new Map((await store.get(ids)).map((job) => [job.id, job]));
  return ids.map((id) => {
    const job = found.get(id);
    if (job) return job;
    throw new PawlError(
      "job_not_found",
      `The idempotency key "${key}" stands for job ${id}, which was deleted meanwhile. Use a new key to submit it anew.`,
    );
  });
}
