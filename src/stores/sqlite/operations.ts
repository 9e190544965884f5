// All that a store's thread can be asked. The main thread calls these by name; see `connection.ts`.
import type { DatabaseSync } from "node:sqlite";
import { createAttemptWrites } from "./attempts.ts";
import { createClaims } from "./claims.ts";
import { createFileWrites } from "./files.ts";
import { createInsertions } from "./insertions.ts";
import { createMoves } from "./moves.ts";
import { countQueued as countQueuedJobs } from "./queries/insertions.ts";
import { buryWorkers } from "./queries/workers.ts";
import { createQueueCounts, type QueueCounts } from "./queue-counts.ts";
import { createGets, createLists } from "./reads.ts";
import { createRemoval } from "./removal.ts";
import { integerOf, textOf } from "./rows.ts";
import { createLeaseWrites } from "./workers.ts";

/** The operations of the thread that writes. Opening it ends every lease that an earlier process held. */
export function createWriterOperations(db: DatabaseSync) {
  db.prepare(buryWorkers).run();
  const countQueued = db.prepare(countQueuedJobs);
  const counts = createQueueCounts(() =>
    countQueued.all().map((row) => [textOf(row, "queue"), integerOf(row, "waiting")] as const),
  );
  const operations = {
    ...createInsertions(db, counts),
    ...createClaims(db, counts),
    ...createMoves(db, counts),
    ...createAttemptWrites(db),
    ...createLeaseWrites(db),
    ...createFileWrites(db),
    ...createRemoval(db),
    ...createGets(db),
    ...createLists(db),
  };
  return { operations, counts };
}

/** The operations of the thread that only reads. */
export function createReaderOperations(db: DatabaseSync): { operations: Reader; counts: QueueCounts } {
  return { operations: createLists(db), counts: createQueueCounts(() => []) };
}

export type Reader = ReturnType<typeof createLists>;
export type Writer = ReturnType<typeof createWriterOperations>["operations"];
