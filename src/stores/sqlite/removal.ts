// Deletes a final job with everything of it (on the writer's thread).
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isFinal } from "../../domain/lifecycle.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/removal.ts";
import { integerOf, stateOf, textOf } from "./rows.ts";

export function createRemoval(db: DatabaseSync) {
  const removable = db.prepare(sql.removable);
  const removeJob = db.prepare(sql.removeJob);
  const removeFileUser = db.prepare(sql.removeFileUser);
  const passFilesOn = db.prepare(sql.passFilesOn);
  const removeJobFiles = db.prepare(sql.removeJobFiles);
  const parts: readonly StatementSync[] = [
    db.prepare(sql.removeHistory),
    db.prepare(sql.removeLogs),
    db.prepare(sql.removeLabels),
    db.prepare(sql.removeLargeInput),
  ];
  return {
    /** Answers `[kind, record, fileIds, change]`. */
    remove(_: Moment, id: string, force: number): string {
      const row = removable.get(id);
      if (row === undefined) return '["missing",null,[],null]';
      const state = stateOf(row, "state");
      if (!isFinal(state) || (state === "rollback_failed" && force === 0)) {
        return `["refused",${textOf(row, "record")},[],null]`;
      }
      const n = integerOf(row, "n");
      for (const part of parts) part.run(n);
      removeJob.run(n);
      removeFileUser.run(id);
      passFilesOn.run(id);
      const fileIds = removeJobFiles.all(id).map((file) => textOf(file, "id"));
      return `["removed",null,${JSON.stringify(fileIds)},${textOf(row, "change")}]`;
    },
  };
}
