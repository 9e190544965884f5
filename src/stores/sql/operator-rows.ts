// Reads what operators are shown out of the database's rows: queues, figures, workers. As rows.ts, without casts.
import type { QueueRecord } from "../../domain/queue.ts";
import type { JobCount, MinuteFigures, WaitingJob, WorkerRecord } from "../../ports/store.ts";
import { asState, parseArray } from "./rows.ts";

export const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));
export const textOrNull = (value: unknown): string | null => (value === null ? null : String(value));

/** A queue from `queries.queues`. */
export function queueRecordOf(value: unknown): QueueRecord {
  const [name, pausedAt, pausedBy, reason, concurrency, rateMax, ratePerMs] = parseArray(value, 7);
  return {
    name: String(name),
    paused: pausedAt === null ? null : { at: Number(pausedAt), actor: String(pausedBy), reason: textOrNull(reason) },
    concurrency: numberOrNull(concurrency),
    rateLimit: rateMax === null ? null : { max: Number(rateMax), perMs: Number(ratePerMs) },
  };
}

export function jobCountOf(value: unknown): JobCount {
  const [state, type, queue, jobs] = parseArray(value, 4);
  return { state: asState(state), type: String(type), queue: String(queue), jobs: Number(jobs) };
}

/** A minute from `queries.throughput`. */
export function minuteFiguresOf(value: unknown): MinuteFigures {
  const [at, submitted, started, succeeded, failed, cancelled, rolledBack, rollbackFailed] = parseArray(value, 8);
  return {
    at: Number(at),
    submitted: Number(submitted),
    started: Number(started),
    succeeded: Number(succeeded),
    failed: Number(failed),
    cancelled: Number(cancelled),
    rolledBack: Number(rolledBack),
    rollbackFailed: Number(rollbackFailed),
  };
}

/** A job that waits, from `queries.oldestWaiting`. */
export function waitingJobOf(value: unknown): WaitingJob {
  const [id, type, queue, availableAt] = parseArray(value, 4);
  return { id: String(id), type: String(type), queue: String(queue), availableAt: Number(availableAt) };
}

function heldJobOf(value: unknown): WorkerRecord["jobs"][number] {
  const [id, type, queue, claimedAt] = parseArray(value, 4);
  return { id: String(id), type: String(type), queue: String(queue), claimedAt: Number(claimedAt) };
}

/** A worker from `queries.workers`. */
export function workerRecordOf(value: unknown): WorkerRecord {
  const [id, host, pid, concurrency, queues, startedAt, seenAt, running, jobs] = parseArray(value, 9);
  return {
    id: String(id),
    host: String(host),
    pid: Number(pid),
    concurrency: Number(concurrency),
    queues: queues === null ? null : parseArray(queues).map(String),
    startedAt: Number(startedAt),
    seenAt: Number(seenAt),
    running: Number(running),
    jobs: parseArray(jobs).map(heldJobOf),
  };
}
