// Moves jobs through the lifecycle: settlements and requests. Answers what was committed, and publishes it first.
import { invalidRequest } from "../../domain/errors.ts";
import type { JobRecord } from "../../domain/job.ts";
import { isLeased, isRepeat } from "../../domain/lifecycle.ts";
import type { ControlResult, ControlWrite, JobStore, Settlement, SettleResult } from "../../ports/store.ts";
import { type LocalNotifier, publishMoved } from "../sql/notifier.ts";
import { jobRecordOf, movedJobOf, placeOf, textOf, textOrNull } from "../sql/rows.ts";
import type { Database, Session, Transaction } from "./database.ts";
import * as sql from "./queries/moves.ts";
import { get as getJobs } from "./queries/reads.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";
import { isStorable } from "./storable.ts";
import type { StoreServices } from "./store-services.ts";

export function createMoves({ database, notifier, heldBack }: StoreServices): Pick<JobStore, "settle" | "control"> {
  const request = createRequest(database, notifier);
  return {
    async settle(settlements) {
      if (settlements.length === 0) return [];
      const rows = await database.run(sql.settle, JSON.stringify(settlements.map(memberOf)));
      const moved = rows.map((row) => movedJobOf(row.moved));
      publishMoved(notifier, moved);
      heldBack.release(moved);
      const results: SettleResult[] = settlements.map(() => null);
      for (const { position, state, phase, availableAt } of moved) results[position] = { state, phase, availableAt };
      return results;
    },
    control(writes) {
      // Requests of one job go one after the other, in their order.
      const last = new Map<string, Promise<unknown>>();
      const answers = writes.map((write) => {
        const answer = (last.get(write.id) ?? Promise.resolve()).then(() => request(write));
        last.set(write.id, answer);
        return answer;
      });
      return Promise.all(answers);
    },
  };
}

const jsonOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

function memberOf(settlement: Settlement) {
  const { event, output, failure, checkpoint, progress, cause, availableInMs, step } = settlement;
  if (event === "fail" && !failure) throw invalidRequest(`The failure of job ${settlement.id} says no reason.`);
  const retryInMs = failure?.retryInMs ?? null;
  return [
    settlement.id,
    settlement.workerId,
    settlement.token,
    event,
    jsonOf(output),
    jsonOf(failure?.code),
    jsonOf(failure?.message),
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

/** What a replayed request is answered, by the kind of entry that its first answer left. */
const REPLAYS: Readonly<Record<string, "already" | "refused">> = { repeated: "already", refused: "refused" };

/** How often a request starts over whose job, or whose key's holder, is changed by others in between. */
const TRIES = 20;

type Request = (write: ControlWrite) => Promise<ControlResult>;
/** A replay repeats its answer, and is not announced again. */
type Judgement = ControlResult & { readonly replayed?: boolean };

function createRequest(database: Database, notifier: LocalNotifier): Request {
  async function conflict({ id }: ControlWrite): Promise<ControlResult | null> {
    const [row] = await database.run(sql.controlHolders, id);
    if (row === undefined) return { kind: "missing" };
    const key = textOrNull(row, "key_holder");
    const group = textOrNull(row, "group_holder");
    if (key === null && group === null) return null;
    const job = await recordOf(database, id);
    if (job === null) return { kind: "missing" };
    return key === null
      ? { kind: "exclusive_group_taken", job, holder: String(group) }
      : { kind: "key_taken", job, holder: key };
  }

  /** `null`: what was in the way is gone. */
  async function attempt(write: ControlWrite): Promise<Judgement | null> {
    try {
      const granted = await grant(database, write);
      if (granted !== null) return granted;
      return await database.transaction((transaction) => withoutMove(transaction, write));
    } catch (error) {
      if (sqlStateOf(error) !== SQL_STATE.uniqueViolation) throw error;
      const replayed = await database.transaction((transaction) => replayOf(transaction, write));
      return replayed ?? (await conflict(write));
    }
  }

  return async (write) => {
    if (!isStorable(write.id)) return { kind: "missing" };
    for (let tries = 0; tries < TRIES; tries += 1) {
      const result = await attempt(write);
      if (result === null) continue;
      const { replayed = false, ...answer } = result;
      if (answer.kind === "requested" && !replayed) publish(notifier, answer.job);
      return answer;
    }
    throw new Error(`The ${write.action} of job ${write.id} was overtaken by other changes ${TRIES} times.`);
  };
}

async function grant(session: Session, write: ControlWrite): Promise<ControlResult | null> {
  const { id, action, actor, reason, requestId, rollback, fromStart, phase } = write;
  const [row] = await session.run(sql.control[action], id, actor, reason, requestId, rollback, fromStart, phase);
  return row === undefined ? null : { kind: "requested", job: jobRecordOf(row.record) };
}

function publish(notifier: LocalNotifier, job: JobRecord): void {
  publishMoved(notifier, [job]);
  if (!isLeased(job.state) || job.workerId === null || job.control === null) return;
  const { workerId, id: jobId, token, control } = job;
  notifier.publish({ kind: "control", workerId, jobId, token, action: control.action });
}

async function recordOf(session: Session, id: string): Promise<JobRecord | null> {
  const [row] = await session.run(getJobs, JSON.stringify([id]));
  return row === undefined ? null : jobRecordOf(row.record);
}

async function replayOf(transaction: Transaction, { id, requestId }: ControlWrite): Promise<Judgement | null> {
  if (requestId === null) return null;
  const [row] = await transaction.run(sql.controlReplay, id, requestId);
  const job = row === undefined ? null : await recordOf(transaction, id);
  if (row === undefined || job === null) return null;
  return { kind: REPLAYS[textOf(row, "kind")] ?? "requested", job, replayed: true };
}

/** Answers a request that the lifecycle did not grant: the job is looked at again, and stays as it is meanwhile. */
async function withoutMove(transaction: Transaction, write: ControlWrite): Promise<Judgement> {
  const { id, action, actor, reason, requestId } = write;
  const [row] = await transaction.run(sql.controlPlace, id);
  if (row === undefined) return { kind: "missing" };
  const replayed = await replayOf(transaction, write);
  if (replayed !== null) return replayed;
  const granted = await grant(transaction, write);
  if (granted !== null) return granted;
  const { phase, state, last } = placeOf(row);
  const meant = write.phase === null || write.phase === phase;
  const kind = meant && isRepeat(action, phase, state, last) ? "already" : "refused";
  if (requestId !== null) {
    const answered = kind === "already" ? "repeated" : "refused";
    await transaction.run(sql.recordAnswer, id, answered, actor, reason, requestId, action);
  }
  const job = await recordOf(transaction, id);
  return job === null ? { kind: "missing" } : { kind, job };
}
