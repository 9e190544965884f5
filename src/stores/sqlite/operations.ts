// All that a store's thread can be asked. The main thread calls these by name; see `connection.ts`.
import type { DatabaseSync } from "node:sqlite";
import { createSessionWrites, createTokenReads, createTokenWrites } from "./access.ts";
import { createAttemptWrites } from "./attempts.ts";
import { createAuditReads, createAuditWrites } from "./audit.ts";
import { createClaims } from "./claims.ts";
import { createEdits } from "./edits.ts";
import { createFileWrites } from "./files.ts";
import { createInserter } from "./insertions.ts";
import { createJobCounts } from "./job-counts.ts";
import { createLanes } from "./lanes.ts";
import { createJobLists } from "./lists.ts";
import { createMemory } from "./memory.ts";
import { createMoves } from "./moves.ts";
import { buryWorkers } from "./queries/workers.ts";
import { createQueueSettings, createQueueWrites } from "./queues.ts";
import { createGets, createRecordReads } from "./reads.ts";
import { createRemoval, createRemoveJobs } from "./removal.ts";
import { createRetention } from "./retention.ts";
import { createSchedules } from "./schedules.ts";
import { createStarts } from "./starts.ts";
import { createFigures } from "./stats.ts";
import { createSubmits } from "./submits.ts";
import type { TransactionMemory } from "./transactor.ts";
import { createLeaseWrites, createWorkerReads } from "./workers.ts";

/** What a thread that changes nothing has to remember. */
const NOTHING: TransactionMemory = { store() {}, commit() {}, rollback() {}, takeReleased: () => false };

/** The operations of the thread that writes. Opening it ends every lease that an earlier process held. */
export function createWriterOperations(db: DatabaseSync) {
  db.prepare(buryWorkers).run();
  const lanes = createLanes();
  const counts = createJobCounts(db, lanes);
  const inserter = createInserter(db, counts);
  const removeJobs = createRemoveJobs(db, counts);
  const settings = createQueueSettings(db);
  const starts = createStarts(db);
  const operations = {
    ...createSubmits(db, counts, inserter),
    ...createSchedules(db, inserter),
    ...createClaims(db, { counts, lanes, settings, starts }),
    ...createMoves(db, counts),
    ...createAttemptWrites(db),
    ...createLeaseWrites(db),
    ...createFileWrites(db),
    ...createEdits(db, counts),
    ...createMemory(db),
    ...createRemoval(db, removeJobs),
    ...createRetention(db, counts, removeJobs),
    ...createQueueWrites(db, settings, starts),
    ...createTokenWrites(db),
    ...createSessionWrites(db),
    ...createAuditWrites(db),
    ...createGets(db),
    ...createQuestions(db),
  };
  const memory: TransactionMemory = {
    store: counts.store,
    commit() {
      counts.commit();
      lanes.commit();
    },
    rollback() {
      counts.rollback();
      lanes.rollback();
      settings.forget();
      starts.forget();
    },
    takeReleased: lanes.takeReleased,
  };
  return { operations, memory };
}

// What may take long: where there is a file to share, it has a thread of its own.
function createQuestions(db: DatabaseSync) {
  return {
    ...createJobLists(db),
    ...createRecordReads(db),
    ...createFigures(db),
    ...createWorkerReads(db),
    ...createTokenReads(db),
    ...createAuditReads(db),
  };
}

/** The operations of the thread that only reads. */
export function createReaderOperations(db: DatabaseSync): { operations: Reader; memory: TransactionMemory } {
  return { operations: createQuestions(db), memory: NOTHING };
}

/** The operations of a program that does not own the database, and may change nothing that its owner keeps in mind. */
export function createGuestOperations(db: DatabaseSync) {
  const operations = {
    ...createTokenWrites(db),
    ...createAuditWrites(db),
    ...createTokenReads(db),
    ...createAuditReads(db),
  };
  return { operations, memory: NOTHING };
}

export type Reader = ReturnType<typeof createQuestions>;
export type Writer = ReturnType<typeof createWriterOperations>["operations"];
