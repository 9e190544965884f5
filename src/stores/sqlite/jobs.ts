// The job role over the writer's thread: encodes what callers bring, decodes what the thread answers, and publishes what
// was committed before the caller hears of it.
import { invalidRequest } from "../../domain/errors.ts";
import type { JobRecord } from "../../domain/job.ts";
import { isLeased } from "../../domain/lifecycle.ts";
import type { JobChange } from "../../ports/notifier.ts";
import type {
  AttemptMark,
  CheckpointWrite,
  ControlResult,
  ControlWrite,
  InsertResult,
  JobStore,
  LeaseRef,
  NewJob,
  ProgressWrite,
  Settlement,
  SettleResult,
} from "../../ports/store.ts";
import type { Connection } from "./connection.ts";
import type { BatchNeeds } from "./insertions.ts";
import type { LocalNotifier } from "./notifier.ts";
import { LARGE_INPUT_BYTES } from "./queries/fragments.ts";
import { jobChangeOf, jobRecordOf, movedJobsOf, parseArray } from "./rows.ts";

export interface JobStoreOptions {
  readonly writer: Connection;
  /** Lists go here. */
  readonly reader: Connection;
  readonly notifier: LocalNotifier;
}

const jsonOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
const isEmpty = (labels: NewJob["labels"]): boolean => Object.keys(labels).length === 0;
const leaseOf = ({ id, workerId, token }: LeaseRef) => [id, workerId, token] as const;

export function createJobStore(options: JobStoreOptions): JobStore {
  const { writer, reader, notifier } = options;
  return {
    insert: createInsert(options),
    async get(ids) {
      if (ids.length === 0) return [];
      return recordsOf(await writer.call("get", JSON.stringify(ids)));
    },
    list: async (query) => recordsOf(await reader.call("list", JSON.stringify(query))),
    async claim({ workerId, types, limit }) {
      const answer = parseArray(
        JSON.parse(await writer.call("claim", workerId, JSON.stringify(types.map(({ name }) => name)), limit)),
        3,
      );
      const jobs = parseArray(answer[2]).map(jobRecordOf);
      if (jobs.length > 0 && notifier.listening) notifier.publish({ kind: "changed", jobs: jobs.map(changeOf) });
      return {
        kind: answer[0] === true ? "claimed" : "worker_dead",
        jobs,
        nextInMs: answer[1] === null ? null : Number(answer[1]),
      };
    },
    ...createAttemptStore(options),
    control: createControl(options),
    async remove(id, { force }) {
      const [kind, record, fileIds, change] = parseArray(JSON.parse(await writer.call("remove", id, force ? 1 : 0)), 4);
      if (kind === "missing") return { kind };
      if (kind === "refused") return { kind, job: jobRecordOf(record) };
      notifier.publish({ kind: "changed", jobs: [{ ...jobChangeOf(change), removed: true }] });
      return { kind: "removed", fileIds: parseArray(fileIds).map(String) };
    },
  };
}

const recordsOf = (answer: string): JobRecord[] => parseArray(JSON.parse(answer)).map(jobRecordOf);

const changeOf = ({ id, type, queue, state, phase }: JobChange): JobChange => ({ id, type, queue, state, phase });

function needsOf(jobs: readonly NewJob[], encoded: readonly string[]): BatchNeeds {
  const queues = new Map<string, { count: number; limit: number }>();
  for (const { queue, queueLimit } of jobs) {
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
    queues: [...queues].map(([queue, { count, limit }]) => [queue, count, limit]),
  };
}

function memberOf(job: NewJob) {
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
  ];
}

function insertResultOf(answer: unknown): InsertResult {
  if (answer === "full") return { kind: "queue_full" };
  const [createdAt, keyHolder, groupHolder] = parseArray(answer, 3);
  if (createdAt !== null) return { kind: "inserted", at: Number(createdAt) };
  if (keyHolder !== null) return { kind: "key_taken", holder: String(keyHolder) };
  return { kind: "exclusive_group_taken", holder: String(groupHolder) };
}

function createInsert({ writer, notifier }: JobStoreOptions): JobStore["insert"] {
  function publish(jobs: readonly NewJob[], at: number): void {
    if (jobs.length === 0 || !notifier.listening) return;
    const state = "queued";
    const phase = "forward";
    notifier.publish({ kind: "changed", jobs: jobs.map(({ id, type, queue }) => ({ id, type, queue, state, phase })) });
    const availableAt = jobs.reduce(
      (earliest, job) => Math.min(earliest, job.availableAt ?? at),
      Number.MAX_SAFE_INTEGER,
    );
    notifier.announceWork(availableAt);
  }

  return async (jobs) => {
    if (jobs.length === 0) return [];
    const members = jobs.map((job) => JSON.stringify(memberOf(job)));
    const needs = JSON.stringify(needsOf(jobs, members));
    const answer = await writer.call("insert", `[${members.join()}]`, jobs.length, needs);
    const [now, each] = parseArray(JSON.parse(answer), 2);
    const at = Number(now);
    const results =
      each === null ? jobs.map(() => ({ kind: "inserted", at }) as const) : parseArray(each).map(insertResultOf);
    publish(each === null ? jobs : jobs.filter((_, index) => results[index]?.kind === "inserted"), at);
    return results;
  };
}

function createAttemptStore({ writer, notifier }: JobStoreOptions) {
  /** Writes members, each job once a statement, and answers which counted, told by the changes that come back. */
  async function writeHeld<Member extends LeaseRef>(
    operation: "checkpoint" | "reportProgress",
    members: readonly Member[],
    encode: (member: Member) => readonly unknown[],
  ): Promise<readonly boolean[]> {
    const held = new Set<string>();
    const writes = runsApart(members).map((run) => writer.call(operation, JSON.stringify(run.map(encode))));
    for (const answer of await Promise.all(writes)) {
      const changes = parseArray(JSON.parse(answer)).map(jobChangeOf);
      if (changes.length > 0 && notifier.listening) notifier.publish({ kind: "changed", jobs: changes });
      for (const { id } of changes) held.add(id);
    }
    return members.map((member) => held.has(member.id));
  }

  return {
    async settle(settlements: readonly Settlement[]): Promise<readonly SettleResult[]> {
      if (settlements.length === 0) return [];
      const moved = movedJobsOf(await writer.call("settle", JSON.stringify(settlements.map(settlementOf))));
      publishMoved(notifier, moved);
      const results: SettleResult[] = settlements.map(() => null);
      for (const { position, state, phase, availableAt } of moved) results[position] = { state, phase, availableAt };
      return results;
    },
    checkpoint: (writes: readonly CheckpointWrite[]) =>
      writeHeld("checkpoint", writes, (write) => [
        ...leaseOf(write),
        write.seq,
        JSON.stringify(write.cursor),
        JSON.stringify(write.progress),
      ]),
    reportProgress: (writes: readonly ProgressWrite[]) =>
      writeHeld("reportProgress", writes, (write) => [...leaseOf(write), JSON.stringify(write.progress)]),
    async mark(lease: LeaseRef, mark: AttemptMark): Promise<boolean> {
      const [held, changes] = parseArray(JSON.parse(await writer.call("mark", mark, ...leaseOf(lease))), 2);
      const jobs = parseArray(changes).map(jobChangeOf);
      if (jobs.length > 0) notifier.publish({ kind: "changed", jobs });
      return held === true;
    },
  };
}

function settlementOf(settlement: Settlement) {
  const { event, output, failure, checkpoint, progress, cause } = settlement;
  if (event === "fail" && !failure) throw invalidRequest(`The failure of job ${settlement.id} says no reason.`);
  const retryInMs = failure?.retryInMs ?? null;
  return [
    ...leaseOf(settlement),
    event,
    jsonOf(output),
    failure?.code ?? null,
    failure?.message ?? null,
    failure ? JSON.stringify(failure.details) : null,
    retryInMs === null ? null : Math.round(retryInMs),
    checkpoint?.seq ?? null,
    checkpoint ? JSON.stringify(checkpoint.cursor) : null,
    jsonOf(progress),
    cause ?? null,
  ];
}

/** Says that jobs moved, and that there is work where some of them wait now. */
export function publishMoved(
  notifier: LocalNotifier,
  moved: readonly (JobChange & { readonly availableAt: number })[],
): void {
  if (moved.length === 0 || !notifier.listening) return;
  notifier.publish({ kind: "changed", jobs: moved.map(changeOf) });
  const waiting = moved.filter((job) => job.state === "queued");
  if (waiting.length === 0) return;
  const availableAt = waiting.reduce((earliest, job) => Math.min(earliest, job.availableAt), Number.MAX_SAFE_INTEGER);
  notifier.announceWork(availableAt);
}

function createControl({ writer, notifier }: JobStoreOptions): JobStore["control"] {
  function publish(job: JobRecord): void {
    publishMoved(notifier, [job]);
    if (!isLeased(job.state) || job.workerId === null || job.control === null) return;
    const { workerId, id: jobId, token, control } = job;
    notifier.publish({ kind: "control", workerId, jobId, token, action: control.action });
  }

  async function request(write: ControlWrite): Promise<ControlResult> {
    const rollback = write.rollback === null ? null : Number(write.rollback);
    const text = JSON.stringify({ ...write, rollback, fromStart: Number(write.fromStart) });
    const [kind, record, holder, changed] = parseArray(JSON.parse(await writer.call("control", text)), 4);
    if (kind === "missing") return { kind };
    const job = jobRecordOf(record);
    if (kind === "key_taken" || kind === "exclusive_group_taken") return { kind, job, holder: String(holder) };
    if (changed === true) publish(job);
    return { kind: kind === "requested" || kind === "already" ? kind : "refused", job };
  }

  return (writes) => Promise.all(writes.map(request));
}

/** Cuts members into runs in which no job comes twice: of two checkpoints of a job the later has to win. */
function runsApart<Member extends LeaseRef>(members: readonly Member[]): readonly (readonly Member[])[] {
  const runs: Member[][] = [];
  let seen = new Set<string>();
  for (const member of members) {
    if (runs.length === 0 || seen.has(member.id)) {
      runs.push([]);
      seen = new Set();
    }
    seen.add(member.id);
    runs.at(-1)?.push(member);
  }
  return runs;
}
