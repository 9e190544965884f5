// The job role over the writer's thread: encodes what callers bring, decodes what the thread answers, and publishes what
// was committed before the caller hears of it.
import { invalidRequest } from "../../domain/errors.ts";
import type { JobRecord } from "../../domain/job.ts";
import { isLeased } from "../../domain/lifecycle.ts";
import type {
  AttemptMark,
  CheckpointWrite,
  ControlResult,
  ControlWrite,
  JobStore,
  LeaseRef,
  ProgressWrite,
  Settlement,
  SettleResult,
} from "../../ports/store.ts";
import { changeOf, type LocalNotifier, publishMoved } from "../sql/notifier.ts";
import { jobChangeOf, jobRecordOf, listedJobOf, movedJobsOf, parseArray } from "../sql/rows.ts";
import { runsApart } from "../sql/runs-apart.ts";
import type { Connection } from "./connection.ts";
import { createEdit } from "./editing.ts";
import { createInserting } from "./inserting.ts";

export interface JobStoreOptions {
  readonly writer: Connection;
  /** Lists go here. */
  readonly reader: Connection;
  readonly notifier: LocalNotifier;
}

const jsonOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
const leaseOf = ({ id, workerId, token }: LeaseRef) => [id, workerId, token] as const;

export function createJobStore(options: JobStoreOptions): JobStore {
  const { writer, reader, notifier } = options;
  return {
    ...createInserting(options),
    inTransaction() {
      throw invalidRequest(
        "This store is on SQLite, which writes on a thread and a connection of its own and cannot take part in a transaction " +
          "of yours. Leave tx out and submit after your COMMIT, with an idempotency key, or keep the jobs in PostgreSQL.",
      );
    },
    async get(ids) {
      if (ids.length === 0) return [];
      return recordsOf(await writer.call("get", JSON.stringify(ids)));
    },
    async listed(ids) {
      if (ids.length === 0) return [];
      return parseArray(JSON.parse(await writer.call("listed", JSON.stringify(ids)))).map(listedJobOf);
    },
    list: async (query) => parseArray(JSON.parse(await reader.call("list", JSON.stringify(query)))).map(listedJobOf),
    async claim({ workerId, types, queues = null, limit }) {
      const wanted = JSON.stringify({ types, queues });
      const answer = parseArray(JSON.parse(await writer.call("claim", workerId, wanted, limit)), 3);
      const jobs = parseArray(answer[2]).map(jobRecordOf);
      if (jobs.length > 0 && notifier.listening) notifier.publish({ kind: "changed", jobs: jobs.map(changeOf) });
      return {
        kind: answer[0] === true ? "claimed" : "worker_dead",
        jobs,
        nextInMs: answer[1] === null ? null : Number(answer[1]),
      };
    },
    ...createAttemptStore(options),
    edit: createEdit(options),
    control: createControl(options),
    async remove(id, { force }) {
      const [kind, record, fileIds, changes] = parseArray(
        JSON.parse(await writer.call("remove", id, force ? 1 : 0)),
        4,
      );
      if (kind === "missing") return { kind };
      if (kind === "refused") return { kind, job: jobRecordOf(record) };
      const gone = parseArray(changes).map((change) => ({ ...jobChangeOf(change), removed: true }));
      notifier.publish({ kind: "changed", jobs: gone });
      return { kind: "removed", fileIds: parseArray(fileIds).map(String) };
    },
  };
}

const recordsOf = (answer: string): JobRecord[] => parseArray(JSON.parse(answer)).map(jobRecordOf);

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
      const steps = settlements.filter(({ step }) => step !== undefined).length;
      const moved = movedJobsOf(await writer.call("settle", JSON.stringify(settlements.map(settlementOf)), steps));
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
  const { event, output, failure, checkpoint, progress, cause, availableInMs, step } = settlement;
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
    availableInMs === undefined ? null : Math.round(availableInMs),
    step?.name ?? null,
    step ? JSON.stringify(step.result) : null,
  ];
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
