// Job control: turns what a caller asks into one guarded store write, and the store's answer into a job or a clear error.
// It decides nothing by itself; the lifecycle table, in the store's statement, does.
import {
  actionNotAllowed,
  exclusiveGroupTaken,
  invalidInput,
  invalidRequest,
  jobNotFound,
  keyTaken,
  PawlError,
  queueFull,
} from "../domain/errors.ts";
import { factsOf, type JobRecord, type JobSummary, type Json, toJob, toSummary } from "../domain/job.ts";
import type {
  ControlAnswer,
  ControlOptions,
  JobControl,
  ListRequest,
  Page,
  RetryOptions,
  StopOptions,
  SubmitRequest,
} from "../domain/job-control.ts";
import { type Action, allowedActions } from "../domain/lifecycle.ts";
import { NO_PROGRESS } from "../domain/progress.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { ControlResult, ControlWrite, InsertResult, JobStore, NewJob, Store } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";
import { findNonJson } from "./json.ts";
import type { Registry } from "./registry.ts";

export interface ControlServices {
  readonly store: Store;
  readonly registry: Registry;
  readonly fileStore: FileStore;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly queueLimit: number;
}

/** Everything of `JobControl` but the waiting. */
export type Control = Omit<JobControl, "waitUntil">;

const LOCAL_ACTOR = "local";
const INSERT_LIMIT = 1_000;
const READ_LIMIT = 100;
const LIST_DEFAULT = 50;
const LIST_LIMIT = 200;
const PAGE_DEFAULT = 1_000;

export function createControl(services: ControlServices): Control {
  const { store, clock } = services;
  const insert = createBatcher<NewJob, InsertResult>({ flush: (jobs) => store.jobs.insert(jobs), limit: INSERT_LIMIT });
  const write = createBatcher<ControlWrite, ControlResult>({
    flush: (writes) => store.jobs.control(writes),
    limit: INSERT_LIMIT,
  });

  const ask = async (id: string, action: Action, options: StopOptions & RetryOptions = {}): Promise<ControlAnswer> => {
    const result = await write({
      id,
      action,
      actor: options.actor ?? LOCAL_ACTOR,
      reason: options.reason ?? null,
      requestId: options.requestId ?? null,
      rollback: options.rollback ?? null,
      fromStart: options.from === "start",
    });
    return answer(id, action, result);
  };

  const answer = (id: string, action: Action, result: ControlResult): ControlAnswer => {
    switch (result.kind) {
      case "missing":
        throw jobNotFound(id);
      case "refused":
        throw actionNotAllowed(
          action,
          id,
          result.job.state,
          allowedActions(result.job.phase, result.job.state, factsOf(result.job)),
        );
      case "key_taken":
        throw keyTaken(result.job.key ?? "", result.holder);
      case "exclusive_group_taken":
        throw exclusiveGroupTaken(result.job.exclusiveGroup ?? "", result.holder);
      case "requested":
      case "already":
        return { outcome: result.kind, job: toJob(result.job, clock.now()) };
    }
  };

  const one = createBatcher<string, JobRecord | null>({ flush: (ids) => readEach(store.jobs, ids), limit: READ_LIMIT });

  return {
    async submit(request, options = {}) {
      const job = await prepare(services, request, options.actor ?? LOCAL_ACTOR);
      return toJob(recordOf(job, inserted(job, await insert(job))), clock.now());
    },
    async get(id) {
      const job = await one(id);
      return job && toJob(job, clock.now());
    },
    list: (request = {}) => list(services, request),
    pause: (id, options?: ControlOptions) => ask(id, "pause", options),
    resume: (id, options?: ControlOptions) => ask(id, "resume", options),
    cancel: (id, options?: StopOptions) => ask(id, "cancel", options),
    terminate: (id, options?: StopOptions) => ask(id, "terminate", options),
    retry: (id, options?: RetryOptions) => ask(id, "retry", options),
    rollback: (id, options?: ControlOptions) => ask(id, "rollback", options),
    remove: (id, options = {}) => remove(services, id, options.force ?? false),
    async history(id, page = {}) {
      const entries = await store.history.history(id, { after: page.after ?? 0, limit: page.limit ?? PAGE_DEFAULT });
      if (entries.length === 0 && !(await one(id))) throw jobNotFound(id);
      return entries;
    },
    async logs(id, page = {}) {
      const lines = await store.logs.logs(id, { after: page.after ?? 0, limit: page.limit ?? PAGE_DEFAULT });
      if (lines.length === 0 && !(await one(id))) throw jobNotFound(id);
      return lines;
    },
    async artifacts(id) {
      const job = await one(id);
      if (!job) throw jobNotFound(id);
      return toJob(job, clock.now()).artifacts;
    },
  };
}

async function readEach(jobs: JobStore, ids: readonly string[]): Promise<readonly (JobRecord | null)[]> {
  const records = new Map((await jobs.get([...new Set(ids)])).map((job) => [job.id, job]));
  return ids.map((id) => records.get(id) ?? null);
}

/** Checks a request and fills in what it leaves out. */
async function prepare(
  { store, registry, newId, queueLimit }: ControlServices,
  request: SubmitRequest,
  actor: string,
): Promise<NewJob> {
  const type = registry.get(request.type);
  const wrong = findNonJson(request.input);
  if (wrong) throw invalidInput(request.type, [wrong]);
  const input = (request.input ?? null) as Json;
  const parsed = await type.parse(input);
  const fileIds = fileIdsOf(input, type.fileFields);
  if (fileIds.length > 0) await checkFiles(store, request.type, fileIds);
  const maxAttempts = request.maxAttempts ?? type.retry.attempts;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1)
    throw invalidRequest(`maxAttempts is ${maxAttempts}; use a whole number from 1.`);
  return {
    id: newId(),
    type: request.type,
    queue: request.queue ?? type.info.defaults.queue,
    key: request.key ?? null,
    exclusiveGroup: type.exclusiveGroup(parsed),
    priority: request.priority ?? 0,
    labels: request.labels ?? {},
    input,
    maxAttempts,
    canRollback: type.info.canRollback,
    rollbackOnFailure: type.rollbackOnFailure,
    availableAt: request.availableAt === undefined ? null : parseTime(request.availableAt),
    actor,
    queueLimit,
    fileIds: fileIds.map((file) => file.id),
  };
}

function parseTime(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw invalidRequest(`availableAt is "${text}"; use an ISO 8601 time such as 2030-01-31T12:00:00Z.`);
  return at;
}

function fileIdsOf(input: Json, fields: readonly string[]): readonly { readonly field: string; readonly id: string }[] {
  if (input === null || typeof input !== "object" || Array.isArray(input)) return [];
  const named = input as { readonly [name: string]: Json };
  return fields.flatMap((field) => (typeof named[field] === "string" ? [{ field, id: named[field] }] : []));
}

async function checkFiles(
  store: Store,
  type: string,
  wanted: readonly { readonly field: string; readonly id: string }[],
): Promise<void> {
  const found = new Set((await store.files.getFiles(wanted.map((file) => file.id))).map((file) => file.id));
  const problems = wanted
    .filter((file) => !found.has(file.id))
    .map((file) => ({ pointer: `/${file.field}`, message: `no stored file has the id ${file.id}` }));
  if (problems.length > 0) throw invalidInput(type, problems);
}

function inserted(job: NewJob, result: InsertResult): number {
  switch (result.kind) {
    case "inserted":
      return result.at;
    case "key_taken":
      throw keyTaken(job.key ?? "", result.holder);
    case "exclusive_group_taken":
      throw exclusiveGroupTaken(job.exclusiveGroup ?? "", result.holder);
    case "queue_full":
      throw queueFull(job.queue, job.queueLimit);
  }
}

/** The record of a job that was just inserted: known without reading it back. */
function recordOf(job: NewJob, at: number): JobRecord {
  const { actor: _actor, queueLimit: _limit, fileIds: _files, ...kept } = job;
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
    workerId: null,
    createdAt: at,
    availableAt: job.availableAt ?? at,
    startedAt: null,
    claimedAt: null,
    finishedAt: null,
    runningMs: 0,
  };
}

async function list({ store, clock }: ControlServices, request: ListRequest): Promise<Page<JobSummary>> {
  const limit = request.limit ?? LIST_DEFAULT;
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_LIMIT)
    throw invalidRequest(`limit is ${limit}; use a whole number from 1 to ${LIST_LIMIT}.`);
  const { order = "newest", cursor = null, ...filter } = request;
  // One more than asked tells whether there is a next page.
  const records = await store.jobs.list({ ...filter, order, limit: limit + 1, after: cursor });
  const items = records.slice(0, limit).map((job) => toSummary(job, clock.now()));
  return { items, nextCursor: records.length > limit ? (items.at(-1)?.id ?? null) : null };
}

async function remove({ store, fileStore }: ControlServices, id: string, force: boolean): Promise<void> {
  const result = await store.jobs.remove(id, { force });
  if (result.kind === "missing") throw jobNotFound(id);
  if (result.kind === "removed") return fileStore.remove(result.fileIds);
  if (result.state === "rollback_failed") {
    throw new PawlError(
      "action_not_allowed",
      `Job ${id} is rollback_failed: what it did may still be there. Roll it back again, or delete it with force.`,
      {
        state: result.state,
        allowedActions: ["rollback"],
      },
    );
  }
  throw actionNotAllowed("delete", id, result.state, ["cancel"]);
}
