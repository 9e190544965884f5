// Job control: turns what a caller asks into one guarded store write, and the store's answer into a job or a clear error.
// It decides nothing by itself; the lifecycle table, in the store's statement, does.
import { actionNotAllowed, exclusiveGroupTaken, jobNotFound, keyTaken, rollbackFailedKept } from "../domain/errors.ts";
import { factsOf, type JobRecord, toJob } from "../domain/job.ts";
import type { ControlAnswer, JobControl, RetryOptions, StopOptions } from "../domain/job-control.ts";
import { type Action, allowedActions } from "../domain/lifecycle.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { ControlResult, ControlWrite, Store } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";

export type Control = Pick<JobControl, Action | "remove">;

export interface ControlServices {
  readonly store: Store;
  readonly fileStore: FileStore;
  readonly clock: Clock;
  readonly write: WriteControl;
}

/** Writes one request, together with those that others make at the same time. */
export type WriteControl = (write: ControlWrite) => Promise<ControlResult>;

/** Who asks, when a caller in this process does not say. */
export const LOCAL_ACTOR = "local";
const WRITE_LIMIT = 1_000;

export function createControlWriter(store: Store): WriteControl {
  return createBatcher<ControlWrite, ControlResult>({
    flush: (writes) => store.jobs.control(writes),
    limit: WRITE_LIMIT,
  });
}

export function createControl({ store, fileStore, clock, write }: ControlServices): Control {
  const asker =
    (action: Action) =>
    async (id: string, options: StopOptions & RetryOptions = {}): Promise<ControlAnswer> => {
      const result = await write({
        id,
        action,
        actor: options.actor ?? LOCAL_ACTOR,
        reason: options.reason ?? null,
        requestId: options.requestId ?? null,
        rollback: options.rollback ?? null,
        fromStart: options.from === "start",
        phase: options.phase ?? null,
      });
      return answer(id, action, result, clock);
    };
  return {
    pause: asker("pause"),
    resume: asker("resume"),
    cancel: asker("cancel"),
    terminate: asker("terminate"),
    retry: asker("retry"),
    rollback: asker("rollback"),
    async remove(id, { force = false } = {}) {
      const result = await store.jobs.remove(id, { force });
      if (result.kind === "missing") throw jobNotFound(id);
      if (result.kind === "removed") return fileStore.remove(result.fileIds);
      throw result.job.state === "rollback_failed" ? rollbackFailedKept(id) : notAllowed("delete", result.job);
    },
  };
}

function answer(id: string, action: Action, result: ControlResult, clock: Clock): ControlAnswer {
  switch (result.kind) {
    case "missing":
      throw jobNotFound(id);
    case "refused":
      throw notAllowed(action, result.job);
    case "key_taken":
      throw keyTaken(result.job.key ?? "", result.holder);
    case "exclusive_group_taken":
      throw exclusiveGroupTaken(result.job.exclusiveGroup ?? "", result.holder);
    case "requested":
    case "already":
      return { outcome: result.kind, job: toJob(result.job, clock.now()) };
  }
}

/** The error for what the state of `job` does not allow. */
export const notAllowed = (action: Action | "delete" | "edit", job: JobRecord) =>
  actionNotAllowed(action, job.id, job.state, allowedActions(job.phase, job.state, factsOf(job)));
