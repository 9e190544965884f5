// What an attempt writes while it runs (on the writer's thread).
// Invariant: every write names worker and token, and changes nothing when either is not the present one.
import type { DatabaseSync } from "node:sqlite";
import type { AttemptMark } from "../../ports/store.ts";
import { changesOf, parseTexts } from "../sql/rows.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries/attempts.ts";

/** Checkpoints, progress, the mark of an abandoned attempt, log lines. */
export function createAttemptWrites(db: DatabaseSync) {
  const checkpoint = db.prepare(sql.checkpoint);
  const reportProgress = db.prepare(sql.reportProgress);
  const held = db.prepare(sql.heldJob);
  const marks = { abandoned: db.prepare(sql.mark.abandoned), stalled: db.prepare(sql.mark.stalled) };
  const recordMark = db.prepare(sql.recordMark);
  const appendLogs = db.prepare(sql.appendLogs);
  const trimLogs = db.prepare(sql.trimLogs);
  return {
    /** Both answer the changes of the members that counted, as `[[id, type, queue, state, phase], ...]`. */
    checkpoint: ({ now }: Moment, members: string): string => changesOf(checkpoint.all(members, now)),
    reportProgress: (_: Moment, members: string): string => changesOf(reportProgress.all(members)),
    /** Answers `[held, changes]`: an attempt that is marked already is marked once only. */
    mark({ now }: Moment, mark: AttemptMark, ...lease: readonly [id: string, workerId: string, token: number]): string {
      if (held.get(...lease) === undefined) return "[false,[]]";
      const rows = marks[mark].all(...lease);
      if (rows.length > 0) recordMark.run(lease[0], now, mark === "abandoned" ? "abandon" : "stall");
      return `[true,${changesOf(rows)}]`;
    },
    /** Answers how many lines were stored. */
    appendLogs(_: Moment, members: string, jobIdsText: string, keep: number): string {
      const stored = appendLogs.run(members).changes;
      if (stored !== 0) for (const id of parseTexts(jobIdsText)) trimLogs.run(id, keep);
      return String(stored);
    },
  };
}
