// Deletes final jobs with everything of them (on the writer's thread).
// Invariant: the statement that deletes looks at the state itself: nothing unfinished goes, whoever asks.
import type { DatabaseSync } from "node:sqlite";
import { FINAL_STATES, type State } from "../../domain/lifecycle.ts";
import { changesOf, integerOf, stateOf, textOf } from "../sql/rows.ts";
import type { JobCounts } from "./job-counts.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/removal.ts";

/** States in which a job may go without anybody asking for this very job. */
export const PRUNABLE_STATES: readonly State[] = FINAL_STATES.filter((state) => state !== "rollback_failed");

export interface RemovedJobs {
  readonly jobs: number;
  /** As JSON. */
  readonly changes: string;
  /** Files that are nobody's now. */
  readonly fileIds: readonly string[];
  /** Rows that went, as a measure of the work. */
  readonly rows: number;
}

/** Deletes those jobs, by row number, that are in one of the states. */
export type RemoveJobs = (numbers: readonly number[], states: readonly State[]) => RemovedJobs;

export function createRemoveJobs(db: DatabaseSync, counts: JobCounts): RemoveJobs {
  const removeJobs = db.prepare(sql.removeJobs);
  const parts = sql.removeParts.map((text) => db.prepare(text));
  const removeFileUsers = db.prepare(sql.removeFileUsers);
  const passFilesOn = db.prepare(sql.passFilesOn);
  const removeJobFiles = db.prepare(sql.removeJobFiles);

  function removeFiles(ids: string): readonly string[] {
    removeFileUsers.run(ids);
    passFilesOn.run(ids);
    return removeJobFiles.all(ids).map((file) => textOf(file, "id"));
  }

  return (numbers, states) => {
    const gone = removeJobs.all(JSON.stringify(numbers), JSON.stringify(states));
    let rows = gone.length;
    if (rows === 0) return { jobs: 0, changes: "[]", fileIds: [], rows };
    for (const row of gone) {
      counts.moved({ type: textOf(row, "type"), queue: textOf(row, "queue") }, stateOf(row, "state"), null, 1);
    }
    const goneNumbers = JSON.stringify(gone.map((row) => integerOf(row, "n")));
    for (const part of parts) rows += Number(part.run(goneNumbers).changes);
    const fileIds = removeFiles(JSON.stringify(gone.map((row) => textOf(row, "id"))));
    return { jobs: gone.length, changes: changesOf(gone), fileIds, rows };
  };
}

export function createRemoval(db: DatabaseSync, removeJobs: RemoveJobs) {
  const removable = db.prepare(sql.removable);
  return {
    /** Answers `[kind, record, fileIds, changes]`. */
    remove(_: Moment, id: string, force: number): string {
      const row = removable.get(id);
      if (row === undefined) return '["missing",null,[],[]]';
      const removed = removeJobs([integerOf(row, "n")], force === 1 ? FINAL_STATES : PRUNABLE_STATES);
      if (removed.jobs === 0) return `["refused",${textOf(row, "record")},[],[]]`;
      return `["removed",null,${JSON.stringify(removed.fileIds)},${removed.changes}]`;
    },
  };
}
