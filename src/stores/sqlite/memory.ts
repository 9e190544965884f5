// What a job remembers: results of steps, and its journal (on the writer's thread).
// Invariant: every write names worker and token, changes nothing when either is not the present one, and counts as progress.
import type { DatabaseSync } from "node:sqlite";
import { changesOf, integerOf, integerOrNull } from "../sql/rows.ts";
import type { Moment } from "./protocol.ts";
import { heldJob } from "./queries/attempts.ts";
import * as sql from "./queries/memory.ts";
import { records } from "./reads.ts";

type Lease = readonly [id: string, workerId: string, token: number];

/** Every write answers `[held, changes]`. */
export function createMemory(db: DatabaseSync) {
  const held = db.prepare(heldJob);
  const countProgress = db.prepare(sql.countProgress);

  function fenced(lease: Lease, write: (job: number) => void): string {
    const row = held.get(...lease);
    if (row === undefined) return "[false,[]]";
    const job = integerOf(row, "n");
    write(job);
    return `[true,${changesOf(countProgress.all(job))}]`;
  }

  return { ...createSteps(db, fenced), ...createJournal(db, fenced) };
}

type Fenced = (lease: Lease, write: (job: number) => void) => string;

function createSteps(db: DatabaseSync, fenced: Fenced) {
  const save = db.prepare(sql.saveStep);
  const steps = db.prepare(sql.steps);
  return {
    saveStep: (_: Moment, name: string, result: string, ...lease: Lease): string =>
      fenced(lease, (job) => void save.run(job, name, result)),
    /** Answers `[[name, result], ...]`. */
    steps: (_: Moment, jobId: string): string => records(steps.all(jobId)),
  };
}

function createJournal(db: DatabaseSync, fenced: Fenced) {
  const count = db.prepare(sql.countEntries);
  const append = db.prepare(sql.appendEntries);
  const newest = db.prepare(sql.newestEntries);
  const size = db.prepare(sql.journalSize);
  const remove = db.prepare(sql.removeEntries);
  const discount = db.prepare(sql.discountEntries);
  return {
    appendEntries: (_: Moment, entries: string, more: number, ...lease: Lease): string =>
      fenced(lease, (job) => {
        const last = integerOf(count.get(job, more), "last_seq");
        append.run(job, last - more, entries);
      }),
    /** Answers `[[seq, entry], ...]`. */
    newestEntries: (_: Moment, jobId: string, limit: number): string => records(newest.all(jobId, limit)),
    journalSize: (_: Moment, jobId: string): string => String(integerOrNull(size.get(jobId), "size") ?? 0),
    removeEntries: (_: Moment, seqs: string, ...lease: Lease): string =>
      fenced(lease, (job) => {
        const { changes } = remove.run(job, seqs);
        discount.run(job, changes);
      }),
  };
}
