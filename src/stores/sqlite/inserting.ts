// Submits over the writer's thread: encodes new jobs, decodes what became of them, and says that there is work.
import { invalidRequest } from "../../domain/errors.ts";
import type { JobChange } from "../../ports/notifier.ts";
import type { InsertResult, InsertTogetherResult, JobStore, NewJob } from "../../ports/store.ts";
import { type LocalNotifier, publishMoved } from "../sql/notifier.ts";
import { jobChangeOf, parseArray } from "../sql/rows.ts";
import type { Connection } from "./connection.ts";
import type { BatchNeeds } from "./insertions.ts";
import { LARGE_INPUT_BYTES } from "./queries/fragments.ts";

export interface InsertingOptions {
  readonly writer: Connection;
  readonly notifier: LocalNotifier;
}

type WaitingJob = JobChange & { readonly availableAt: number };

/** What became of a submit, and the job that waits because of it. */
interface Outcome {
  readonly result: InsertResult;
  readonly waiting: WaitingJob | null;
}

const isEmpty = (labels: NewJob["labels"]): boolean => Object.keys(labels).length === 0;

/** A new job, as its notice tells of it. */
export const waitingOf = ({ id, type, queue }: NewJob, availableAt: number): WaitingJob => ({
  id,
  type,
  queue,
  state: "queued",
  phase: "forward",
  availableAt,
});

export function createInserting({ writer, notifier }: InsertingOptions): Pick<JobStore, "insert" | "insertTogether"> {
  function publishAll(jobs: readonly NewJob[], at: number): void {
    if (notifier.listening)
      publishMoved(
        notifier,
        jobs.map((job) => waitingOf(job, job.availableAt ?? at)),
      );
  }

  return {
    async insert(jobs) {
      if (jobs.length === 0) return [];
      const [now, each] = parseArray(JSON.parse(await writer.call("insert", ...batchOf(jobs))), 2);
      const at = Number(now);
      if (each === null) {
        publishAll(jobs, at);
        return jobs.map(() => ({ kind: "inserted", at }));
      }
      const answers = parseArray(each);
      const outcomes = jobs.map((job, index) => outcomeOf(job, answers[index]));
      publishMoved(
        notifier,
        outcomes.flatMap(({ waiting }) => waiting ?? []),
      );
      return outcomes.map(({ result }) => result);
    },
    async insertTogether(jobs, { idempotency }) {
      if (jobs.some((job) => job.dedupe !== null)) {
        throw invalidRequest("Jobs that are submitted together cannot be deduplicated. Submit them one by one.");
      }
      const answer = await writer.call("insertTogether", ...batchOf(jobs), JSON.stringify(idempotency));
      const result = togetherOf(jobs, JSON.parse(answer));
      if (result.kind === "inserted") publishAll(jobs, result.at);
      return result;
    },
  };
}

function batchOf(jobs: readonly NewJob[]): [members: string, count: number, needs: string] {
  const members = jobs.map((job) => JSON.stringify(memberOf(job)));
  return [`[${members.join()}]`, jobs.length, JSON.stringify(needsOf(jobs, members))];
}

export function needsOf(jobs: readonly NewJob[], encoded: readonly string[]): BatchNeeds {
  const queues = new Map<string, { count: number; limit: number }>();
  const places = new Map<string, [type: string, queue: string, count: number]>();
  for (const { type, queue, queueLimit } of jobs) {
    const place = places.get(`${type}\0${queue}`);
    if (place) place[2] += 1;
    else places.set(`${type}\0${queue}`, [type, queue, 1]);
    const entry = queues.get(queue);
    if (!entry) queues.set(queue, { count: 1, limit: queueLimit });
    else {
      entry.count += 1;
      entry.limit = Math.min(entry.limit, queueLimit);
    }
  }
  return {
    labels: jobs.some((job) => !isEmpty(job.labels)),
    // A guess on the safe side: the statement looks at the input alone, in bytes, of which a character takes up to 3.
    largeInputs: encoded.some((member) => member.length * 3 > LARGE_INPUT_BYTES),
    files: jobs.some((job) => job.fileIds.length > 0),
    dedupe: jobs.some((job) => job.dedupe !== null),
    queues: [...queues].map(([queue, { count, limit }]) => [queue, count, limit]),
    places: [...places.values()],
  };
}

/** A job as `queries.insert` takes it. */
export function memberOf(job: NewJob) {
  return [
    job.id,
    job.type,
    job.queue,
    job.key,
    job.exclusiveGroup,
    job.priority,
    isEmpty(job.labels) ? null : JSON.stringify(job.labels),
    JSON.stringify(job.input),
    job.maxAttempts,
    job.canRollback ? 1 : 0,
    job.rollbackOnFailure ? 1 : 0,
    job.availableAt,
    job.actor,
    job.fileIds,
    job.queueLimit,
    job.timeoutMs,
    job.concurrencyKey,
    job.secretFields.length === 0 ? null : JSON.stringify(job.secretFields),
    ...(job.dedupe ? [job.dedupe.key, Math.round(job.dedupe.windowMs), job.dedupe.mode] : []),
  ];
}

/** What an `Answer` says of a job. */
export function outcomeOf(job: NewJob, answer: unknown): Outcome {
  const [kind, value, change, availableAt] = parseArray(answer);
  switch (kind) {
    case "inserted":
      return { result: { kind, at: Number(value) }, waiting: waitingOf(job, Number(change)) };
    case "merged": {
      const waiting = { ...jobChangeOf(change), availableAt: Number(availableAt) };
      return { result: { kind, holder: String(value) }, waiting };
    }
    case "key_taken":
    case "exclusive_group_taken":
    case "existing":
      return { result: { kind, holder: String(value) }, waiting: null };
  }
  return { result: { kind: "queue_full" }, waiting: null };
}

function togetherOf(jobs: readonly NewJob[], answer: unknown): InsertTogetherResult {
  const [kind, value, refusal] = parseArray(answer);
  if (kind === "inserted") return { kind, at: Number(value) };
  if (kind === "replayed") return { kind, ids: parseArray(value).map(String) };
  const job = jobs[Number(value)];
  if (kind !== "refused" || job === undefined) return { kind: "idempotency_conflict" };
  return { kind, index: Number(value), result: outcomeOf(job, refusal).result };
}
