// Submitting: one job, or many together. A plain submit is stored with those of others that arrive at the same time; what
// has to be repeatable, or all or nothing, is a write of its own.
import { invalidRequest, PawlError } from "../domain/errors.ts";
import { type JobRecord, toJob } from "../domain/job.ts";
import type { SubmitAnswer, SubmitRequest } from "../domain/job-control.ts";
import type { Clock } from "../ports/clock.ts";
import type { Idempotency, InsertResult, NewJob, Store, SubmitStore } from "../ports/store.ts";
import { createBatcher } from "./batcher.ts";
import { LOCAL_ACTOR } from "./control.ts";
import type { LocalSubmitOptions, Manager } from "./manager.ts";
import { type PrepareJob, recordOf } from "./new-job.ts";
import { memberError, refusalOf } from "./submit-refusals.ts";
import { idempotencyOf, insertTogether } from "./submit-together.ts";

export type Submitting = Pick<Manager, "submit" | "submitOnce" | "submitAll">;

export interface SubmitServices {
  readonly store: Pick<Store, "jobs">;
  readonly prepare: PrepareJob;
  readonly clock: Clock;
}

const INSERT_LIMIT = 1_000;
/** Jobs that `submitAll` takes at most. */
const TOGETHER_LIMIT = 1_000;

export function createSubmit({ store, prepare, clock }: SubmitServices): Submitting {
  const insert = createInsert(store.jobs);
  const storeFor = ({ tx }: LocalSubmitOptions) => (tx === undefined ? store.jobs : store.jobs.inTransaction(tx));

  const place = async (request: SubmitRequest, options: LocalSubmitOptions = {}): Promise<Standing> => {
    const jobs = storeFor(options);
    const job = await prepare(request, options.actor ?? LOCAL_ACTOR);
    const idempotency = options.idempotencyKey === undefined ? null : await idempotencyOf(request, options);
    if (idempotency) return insertOnce(jobs, job, idempotency);
    const result = options.tx === undefined ? await insert(job) : await insertAlone(jobs, job);
    return job.dedupe ? standingFor(jobs, job, result) : { outcome: "created", record: insertedAs(job, result) };
  };

  return {
    async submit(request, options) {
      const { record } = await place(request, options);
      return toJob(record, clock.now());
    },
    async submitOnce(request, options) {
      const { outcome, record } = await place(request, options);
      return { outcome, job: toJob(record, clock.now()) };
    },
    async submitAll(requests, options = {}) {
      const store = storeFor(options);
      const jobs = await prepareAll(prepare, requests, options.actor ?? LOCAL_ACTOR);
      const { records } = await insertTogether(store, jobs, {
        idempotency: await idempotencyOf(requests, options),
        refusal: memberError,
      });
      return records.map((record) => toJob(record, clock.now()));
    },
  };
}

/** Creates the function that inserts one job together with others. */
function createInsert(jobs: SubmitStore): (job: NewJob) => Promise<InsertResult> {
  const options = { flush: (batch: readonly NewJob[]) => jobs.insert(batch), limit: INSERT_LIMIT };
  const free = createBatcher(options);
  // These may have to wait for a transaction that somebody keeps open, on one connection then. The others do not wait along.
  const contended = createBatcher({ ...options, lanes: 1 });
  return (job) => (job.key === null && job.exclusiveGroup === null && job.dedupe === null ? free : contended)(job);
}

async function insertAlone(jobs: SubmitStore, job: NewJob): Promise<InsertResult> {
  const [result] = await jobs.insert([job]);
  if (result) return result;
  throw new PawlError("internal", `The store does not say what became of job ${job.id}.`);
}

/** The job that stands for a submit. */
interface Standing {
  readonly outcome: SubmitAnswer["outcome"];
  readonly record: JobRecord;
}

function insertedAs(job: NewJob, result: InsertResult): JobRecord {
  if (result.kind === "inserted") return recordOf(job, result.at);
  throw refusalOf(job, result);
}

/** With deduplication: the job itself, or an earlier one. When it becomes available is the store's to say. */
async function standingFor(store: SubmitStore, job: NewJob, result: InsertResult): Promise<Standing> {
  switch (result.kind) {
    case "inserted":
      return { outcome: "created", record: await read(store, job.id) };
    case "existing":
    case "merged":
      return { outcome: "existing", record: await read(store, result.holder) };
    case "key_taken":
    case "exclusive_group_taken":
    case "queue_full":
      throw refusalOf(job, result);
  }
}

async function read(store: SubmitStore, id: string): Promise<JobRecord> {
  const [record] = await store.get([id]);
  if (record) return record;
  throw new PawlError("job_not_found", `Job ${id} stands for this submit, and was deleted meanwhile.`);
}

async function insertOnce(store: SubmitStore, job: NewJob, idempotency: Idempotency): Promise<Standing> {
  if (job.dedupe) {
    throw invalidRequest("A submit takes an idempotency key or deduplication, not both. Leave one of them out.");
  }
  const { outcome, records } = await insertTogether(store, [job], { idempotency, refusal: (_index, error) => error });
  return { outcome, record: records[0] ?? (await read(store, job.id)) };
}

/** Checks all before any is stored. Rejects with what is wrong with the first that is not right. */
async function prepareAll(
  prepare: PrepareJob,
  requests: readonly SubmitRequest[],
  actor: string,
): Promise<readonly NewJob[]> {
  if (requests.length < 1 || requests.length > TOGETHER_LIMIT) {
    throw invalidRequest(`A batch holds ${requests.length} jobs; submit 1 to ${TOGETHER_LIMIT} together.`);
  }
  const prepared = await Promise.allSettled(requests.map((request) => prepareMember(prepare, request, actor)));
  return prepared.map((result, index) => {
    if (result.status === "fulfilled") return result.value;
    throw memberError(index, result.reason);
  });
}

async function prepareMember(prepare: PrepareJob, request: SubmitRequest, actor: string): Promise<NewJob> {
  if (!request.dedupe) return prepare(request, actor);
  throw invalidRequest("Deduplication is not possible in a batch.", [
    { pointer: "/dedupe", message: "is not possible in a batch; submit the job by itself" },
  ]);
}
