// Submits as part of a transaction of the caller's. Invariant: what a refused submit wrote is undone, without an error in the
// transaction; and whoever hears of a job hears of it from the server, when the transaction has committed.
import { invalidRequest } from "../../domain/errors.ts";
import type { Notice } from "../../ports/notifier.ts";
import type { Idempotency, InsertTogetherResult, JobStore, NewJob, SubmitStore } from "../../ports/store.ts";
import type { TransactionClient } from "../../ports/transaction.ts";
import { changeOf } from "../sql/notifier.ts";
import { parseArray } from "../sql/rows.ts";
import { type CallerSession, createCallerSession } from "./caller-session.ts";
import { insertDeduplicated, lockWindows } from "./dedupe.ts";
import { insertCounted } from "./fitting.ts";
import { insertJobs } from "./insertions.ts";
import { memberOf, type Outcome, type WaitingJob, waitingOf } from "./members.ts";
import { pack, TRANSACTION_SENDER } from "./notices.ts";
import { insertInside } from "./queries/insertions.ts";
import { channelOf, notify } from "./queries/notices.ts";
import type { QueueRooms } from "./queue-room.ts";
import { createReads } from "./reads.ts";
import { SQL_STATE, sqlStateOf } from "./sql-state.ts";
import { isStorable } from "./storable.ts";
import type { StoreServices } from "./store-services.ts";
import { insertAll, Refused, refuseDeduplication } from "./submits.ts";
import { createTurns, type Turns } from "./turns.ts";

/** Of more jobs than this a transaction does not tell one by one. */
const TOLD_ONE_BY_ONE = 100;
/** How often a merge is tried whose exclusive group somebody took between the look and the write. */
const MERGE_TRIES = 3;

interface Submitting {
  readonly session: CallerSession;
  readonly rooms: QueueRooms;
  readonly schema: string;
}

export function createCallerSubmits({ schema, schemaId }: StoreServices, rooms: QueueRooms): JobStore["inTransaction"] {
  const turns = new WeakMap<TransactionClient, Turns>();

  return (client) => {
    if (typeof client?.query !== "function") throw notAClient();
    const clientTurns = turns.get(client) ?? createTurns(1);
    turns.set(client, clientTurns);
    const inTurn = <R>(work: (submitting: Submitting) => Promise<R>): Promise<R> =>
      clientTurns.take(() => work({ session: createCallerSession({ client, schema, schemaId }), rooms, schema }));
    return {
      get: (ids) => inTurn(({ session }) => createReads(session).get(ids)),
      insert: (jobs) => inTurn(async (submitting) => (await insert(submitting, jobs)).map(({ result }) => result)),
      insertTogether: (jobs, options) => inTurn((submitting) => insertTogether(submitting, jobs, options)),
    };
  };
}

const notAClient = () =>
  invalidRequest("tx has no method query: pass the client of the pg package on which you said BEGIN.");

async function insert(submitting: Submitting, jobs: readonly NewJob[]): Promise<readonly Outcome[]> {
  const { session, rooms } = submitting;
  refuseUnstorable(jobs);
  if (jobs.every(({ dedupe }) => dedupe === null)) {
    if (await rooms.surelyFit(jobs)) return insertAtOnce(submitting, jobs);
    await session.enter();
    return tell(submitting, await insertCounted(session, jobs));
  }
  await session.enter();
  await lockWindows(session, jobs);
  const outcomes: Outcome[] = [];
  for (const job of jobs) outcomes.push(await insertOne(session, job));
  return tell(submitting, outcomes);
}

/** By what its deduplication says. */
async function insertOne(session: CallerSession, job: NewJob): Promise<Outcome> {
  const { dedupe } = job;
  for (let tries = 1; ; tries += 1) {
    try {
      return await session.undoable(async () => {
        if (dedupe) return insertDeduplicated(session, job, dedupe);
        const [outcome] = await insertCounted(session, [job]);
        return outcome ?? Promise.reject(new Error("The store lost count of what it inserted."));
      });
    } catch (error) {
      if (sqlStateOf(error) !== SQL_STATE.uniqueViolation || tries === MERGE_TRIES) throw error;
    }
  }
}

/** In one statement, unless a member is refused: then the reason is asked for. */
async function insertAtOnce(submitting: Submitting, jobs: readonly NewJob[]): Promise<readonly Outcome[]> {
  const { session, schema } = submitting;
  const waiting = jobs.map((job) => waitingOf(job, 0));
  const payloads = pack(TRANSACTION_SENDER, noticesOf(waiting));
  const members = JSON.stringify(jobs.map(memberOf));
  const inserted = new Map<number, Outcome>();
  for (const entry of await session.guarded(insertInside, members, channelOf(schema), JSON.stringify(payloads))) {
    const [pos, at, availableAt] = parseArray(entry, 3);
    const job = jobs[Number(pos)];
    if (job)
      inserted.set(Number(pos), {
        result: { kind: "inserted", at: Number(at) },
        waiting: waitingOf(job, Number(availableAt)),
      });
  }
  const left = jobs.filter((_, index) => !inserted.has(index));
  const rest = [...(left.length === 0 ? [] : await tell(submitting, await insertJobs(session, left)))];
  return jobs.flatMap((_, index) => inserted.get(index) ?? rest.shift() ?? []);
}

async function insertTogether(
  submitting: Submitting,
  jobs: readonly NewJob[],
  { idempotency }: Parameters<SubmitStore["insertTogether"]>[1],
): Promise<InsertTogetherResult> {
  const { session, rooms } = submitting;
  refuseDeduplication(jobs);
  refuseUnstorable(jobs, idempotency);
  const fit = await rooms.surelyFit(jobs);
  if (fit && idempotency === null && isWhole(jobs)) return wholeResult(await insertAtOnce(submitting, jobs));
  const place = (members: readonly NewJob[]) => (fit ? insertJobs(session, members) : insertCounted(session, members));
  await session.enter();
  try {
    const { result, outcomes } = await session.undoable(() => insertAll(session, jobs, { idempotency, insert: place }));
    await tell(submitting, outcomes);
    return result;
  } catch (error) {
    if (error instanceof Refused) return error.result;
    throw error;
  }
}

/** Whether one statement inserts all of these or none: nothing but a key or a group is refused by it. */
const isWhole = (jobs: readonly NewJob[]): boolean =>
  jobs.length === 1 || jobs.every(({ key, exclusiveGroup }) => key === null && exclusiveGroup === null);

function wholeResult(outcomes: readonly Outcome[]): InsertTogetherResult {
  const results = outcomes.map(({ result }) => result);
  const index = results.findIndex(({ kind }) => kind !== "inserted");
  const [first] = results;
  const told = results[index] ?? first;
  if (told === undefined) throw new Error("Nothing was to be inserted.");
  return told.kind === "inserted" ? told : { kind: "refused", index, result: told };
}

/** What is to be told of jobs that wait now, in the transaction, so that the server tells it when that commits. */
async function tell({ session, schema }: Submitting, outcomes: readonly Outcome[]): Promise<readonly Outcome[]> {
  const waiting = outcomes.flatMap((outcome) => outcome.waiting ?? []);
  const payloads = pack(TRANSACTION_SENDER, noticesOf(waiting));
  if (payloads.length > 0) await session.run(notify, channelOf(schema), payloads);
  return outcomes;
}

/** That there is work is said without a time: nobody knows how long the transaction still takes. */
function noticesOf(jobs: readonly WaitingJob[]): readonly Notice[] {
  if (jobs.length === 0) return [];
  if (jobs.length > TOLD_ONE_BY_ONE) return [{ kind: "resync" }];
  const changed: Notice = { kind: "changed", jobs: jobs.map(changeOf) };
  return jobs.some(({ state }) => state === "queued") ? [changed, { kind: "work", inMs: 0 }] : [changed];
}

/** A text that PostgreSQL cannot hold would be an error in the transaction. */
function refuseUnstorable(jobs: readonly NewJob[], idempotency: Idempotency | null = null): void {
  const isWrong = (text: string | null | undefined) => text != null && !isStorable(text);
  if (isWrong(idempotency?.key) || isWrong(idempotency?.caller)) throw unstorable();
  for (const { type, queue, key, exclusiveGroup, concurrencyKey, actor, labels, dedupe, fileIds } of jobs) {
    const texts = [type, queue, key, exclusiveGroup, concurrencyKey, actor, dedupe?.key, ...fileIds];
    if ([...texts, ...Object.entries(labels).flat()].some(isWrong)) throw unstorable();
  }
}

const unstorable = () =>
  invalidRequest("A text holds a character that the database cannot store, such as NUL. Remove it.");
