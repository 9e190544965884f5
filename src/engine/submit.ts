// Submitting: checks a request before anything is stored, fills in what it leaves out, and stores it with those of others.
import { exclusiveGroupTaken, invalidInput, invalidRequest, keyTaken, queueFull } from "../domain/errors.ts";
import { type JobRecord, type Json, toJob } from "../domain/job.ts";
import type { JobControl, SubmitRequest } from "../domain/job-control.ts";
import { LIMITS } from "../domain/limits.ts";
import { NO_PROGRESS } from "../domain/progress.ts";
import type { Clock } from "../ports/clock.ts";
import type { InsertResult, NewJob, Store } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";
import { LOCAL_ACTOR } from "./control.ts";
import { findNonJson } from "./json.ts";
import type { RegisteredType, Registry } from "./registry.ts";

export interface SubmitServices {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly queueLimit: number;
}

const INSERT_LIMIT = 1_000;

export function createSubmit(services: SubmitServices): JobControl["submit"] {
  const { store, registry, clock } = services;
  const insert = createBatcher<NewJob, InsertResult>({ flush: (jobs) => store.jobs.insert(jobs), limit: INSERT_LIMIT });
  return async (request, options = {}) => {
    const type = registry.get(request.type);
    checkRequest(request);
    const input = await checkInput(store, type, request);
    const job = newJob(services, { request, type, ...input, actor: options.actor ?? LOCAL_ACTOR });
    return toJob(recordOf(job, insertedAt(job, await insert(job))), clock.now());
  };
}

function checkRequest({ queue, key, priority = 0, maxAttempts = 1, labels = {} }: SubmitRequest): void {
  const { keyLength, queueLength } = LIMITS;
  if (key !== undefined && !fits(key, keyLength)) throw invalidRequest(`key has to have 1 to ${keyLength} characters.`);
  if (queue !== undefined && !fits(queue, queueLength)) {
    throw invalidRequest(`queue has to have 1 to ${queueLength} characters.`);
  }
  if (!Number.isInteger(priority) || Math.abs(priority) > LIMITS.priority) {
    throw invalidRequest(`priority is ${priority}; use a whole number from -${LIMITS.priority} to ${LIMITS.priority}.`);
  }
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > LIMITS.maxAttempts) {
    throw invalidRequest(`maxAttempts is ${maxAttempts}; use a whole number from 1 to ${LIMITS.maxAttempts}.`);
  }
  const pairs = Object.entries(labels);
  const good = pairs.every(
    ([name, value]) =>
      fits(name, LIMITS.labelNameLength) && !name.includes(":") && isText(value, LIMITS.labelValueLength),
  );
  if (!good || pairs.length > LIMITS.labels) {
    throw invalidRequest(
      `labels are at most ${LIMITS.labels} texts: names of 1 to ${LIMITS.labelNameLength} characters without a colon, ` +
        `values of at most ${LIMITS.labelValueLength}.`,
    );
  }
}

const isText = (value: unknown, maxLength: number): value is string =>
  typeof value === "string" && value.length <= maxLength;
const fits = (value: unknown, maxLength: number): boolean => isText(value, maxLength) && value.length > 0;

interface CheckedInput {
  readonly input: Json;
  readonly exclusiveGroup: string | null;
  readonly fileIds: readonly string[];
}

/** The input is stored as it was given; the schema is asked again when the job runs. */
async function checkInput(store: Store, type: RegisteredType, request: SubmitRequest): Promise<CheckedInput> {
  const wrong = findNonJson(request.input);
  if (wrong) throw invalidInput(request.type, [wrong]);
  const input = (request.input ?? null) as Json;
  const parsed = await type.parse(input);
  const files = filesOf(input, type.fileFields);
  if (files.length > 0) await checkFiles(store, request.type, files);
  return { input, exclusiveGroup: type.exclusiveGroup(parsed), fileIds: files.map((file) => file.id) };
}

interface NamedFile {
  readonly field: string;
  readonly id: string;
}

function filesOf(input: Json, fields: readonly string[]): readonly NamedFile[] {
  if (input === null || typeof input !== "object" || Array.isArray(input)) return [];
  const named = input as { readonly [name: string]: Json };
  return fields.flatMap((field) => (typeof named[field] === "string" ? [{ field, id: named[field] }] : []));
}

async function checkFiles(store: Store, type: string, wanted: readonly NamedFile[]): Promise<void> {
  const found = new Set((await store.files.getFiles(wanted.map((file) => file.id))).map((file) => file.id));
  const problems = wanted
    .filter((file) => !found.has(file.id))
    .map((file) => ({ pointer: `/${file.field}`, message: `no stored file has the id ${file.id}` }));
  if (problems.length > 0) throw invalidInput(type, problems);
}

interface NewJobParts extends CheckedInput {
  readonly request: SubmitRequest;
  readonly type: RegisteredType;
  readonly actor: string;
}

function newJob({ newId, queueLimit }: SubmitServices, { request, type, ...parts }: NewJobParts): NewJob {
  return {
    ...parts,
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
    concurrencyKey: null,
    secretFields: [],
    dedupe: null,
    availableAt: request.availableAt === undefined ? null : parseTime(request.availableAt),
    queueLimit,
  };
}

function parseTime(text: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw invalidRequest(`availableAt is "${text}"; use an ISO 8601 time such as 2030-01-31T12:00:00Z.`);
}

function insertedAt(job: NewJob, result: InsertResult): number {
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
