// From a request to the job that is stored: what it leaves out comes from its type.
import type { JobRecord } from "../domain/job.ts";
import type { SubmitRequest } from "../domain/job-control.ts";
import { NO_PROGRESS } from "../domain/progress.ts";
import type { NewJob, Store } from "../ports/store.ts";
import type { Registry } from "./registry.ts";
import { checkSubmit, parseTime } from "./submit-checks.ts";
import { checkInput } from "./submit-input.ts";

export interface NewJobServices {
  readonly store: Pick<Store, "files">;
  readonly registry: Registry;
  readonly newId: () => string;
  readonly queueLimit: number;
}

/** Checks a request and makes a job of it, without storing anything. */
export type PrepareJob = (request: SubmitRequest, actor: string) => Promise<NewJob>;

/** Rejects with `unknown_job_type`, `invalid_request` or `invalid_input`. */
export function createPrepareJob({ store, registry, newId, queueLimit }: NewJobServices): PrepareJob {
  return async (request, actor) => {
    const type = registry.get(request.type);
    checkSubmit(request);
    const availableAt = request.availableAt === undefined ? null : parseTime(request.availableAt);
    return {
      ...(await checkInput(store.files, type, request.input)),
      id: newId(),
      type: request.type,
      queue: request.queue ?? type.info.defaults.queue,
      key: request.key ?? null,
      priority: request.priority ?? 0,
      labels: request.labels ?? {},
      maxAttempts: request.maxAttempts ?? type.retry.attempts,
      canRollback: type.info.canRollback,
      rollbackOnFailure: type.rollbackOnFailure,
      timeoutMs: request.timeoutMs ?? null,
      dedupe: request.dedupe ?? null,
      availableAt,
      actor,
      queueLimit,
    };
  };
}

/** The record of a job that was inserted `at`: known without reading it back. */
export function recordOf(job: NewJob, at: number): JobRecord {
  const { actor: _actor, queueLimit: _limit, fileIds: _files, dedupe: _dedupe, ...kept } = job;
  return {
    ...kept,
    output: null,
    error: null,
    state: "queued",
    phase: "forward",
    run: 1,
    token: 0,
    attempt: 1,
    crashCount: 0,
    control: null,
    checkpoint: { seq: 0, cursor: null, savedAt: null },
    progress: NO_PROGRESS,
    artifacts: [],
    abandoned: false,
    stalled: false,
    workerId: null,
    createdAt: at,
    availableAt: job.availableAt ?? at,
    startedAt: null,
    claimedAt: null,
    finishedAt: null,
    runningMs: 0,
  };
}
