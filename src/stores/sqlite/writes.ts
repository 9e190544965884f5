// What an attempt writes while it runs, what workers say of themselves, and the file index (on the writer's thread).
// Invariant: every write of an attempt names worker and token, and changes nothing when either is not the present one.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isFinal } from "../../domain/lifecycle.ts";
import type { Moment } from "./protocol.ts";
import * as sql from "./queries.ts";
import { artifactsOf, fileArguments, integerOf, parseTexts, stateOf, textOf, textOrNull } from "./rows.ts";

const changes = (rows: readonly Readonly<Record<string, unknown>>[]): string =>
  `[${rows.map((row) => textOf(row, "change")).join()}]`;

/** Checkpoints, progress, the mark of an abandoned attempt, log lines. */
export function createAttemptWrites(db: DatabaseSync) {
  const checkpoint = db.prepare(sql.checkpoint);
  const reportProgress = db.prepare(sql.reportProgress);
  const held = db.prepare(sql.heldJob);
  const abandon = db.prepare(sql.abandon);
  const recordAbandon = db.prepare(sql.recordAbandon);
  const appendLogs = db.prepare(sql.appendLogs);
  const trimLogs = db.prepare(sql.trimLogs);
  return {
    /** Both answer the changes of the members that counted, as `[[id, type, queue, state, phase], ...]`. */
    checkpoint: ({ now }: Moment, members: string): string => changes(checkpoint.all(members, now)),
    reportProgress: (_: Moment, members: string): string => changes(reportProgress.all(members)),
    /** Answers `[held, changes]`: an attempt that is marked already is marked once only. */
    abandon({ now }: Moment, id: string, workerId: string, token: number): string {
      if (held.get(id, workerId, token) === undefined) return "[false,[]]";
      const rows = abandon.all(id, workerId, token);
      if (rows.length > 0) recordAbandon.run(id, now);
      return `[true,${changes(rows)}]`;
    },
    /** Answers how many lines were stored. */
    appendLogs(_: Moment, members: string, jobIdsText: string, keep: number): string {
      const stored = appendLogs.run(members).changes;
      if (stored !== 0) for (const id of parseTexts(jobIdsText)) trimLogs.run(id, keep);
      return String(stored);
    },
  };
}

/** Workers and their leases. */
export function createLeaseWrites(db: DatabaseSync) {
  const register = db.prepare(sql.register);
  const renew = db.prepare(sql.renew);
  const retire = db.prepare(sql.retire);
  const requests = db.prepare(sql.renewRequests);
  return {
    register({ now, monotonic }: Moment, id: string, host: string, pid: number, leaseMs: number): string {
      register.run(id, host, pid, monotonic + leaseMs, now);
      return "";
    },
    /** Answers `[alive, [[jobId, token, control], ...]]`. */
    renew({ now, monotonic }: Moment, id: string, leaseMs: number): string {
      const alive = renew.run(monotonic + leaseMs, now, id, monotonic).changes === 1;
      return alive ? `[true,${textOf(requests.get(id), "requests")}]` : "[false,[]]";
    },
    retire({ now }: Moment, id: string): string {
      retire.run(now, id);
      return "";
    },
  };
}

/** The file index, and jobs that go with their files. */
export function createFileWrites(db: DatabaseSync) {
  const held = db.prepare(sql.heldJob);
  const insertFile = db.prepare(sql.insertFile);
  const replaceArtifact = db.prepare(sql.replaceArtifact);
  const setArtifacts = db.prepare(sql.setArtifacts);
  const removeFiles = db.prepare(sql.removeFiles);
  const removal = createRemoval(db);
  return {
    ...removal,
    insertFile({ now }: Moment, fileText: string): string {
      insertFile.run(...fileArguments(fileText, now));
      return "";
    },
    /** Answers `[lost, replaced, changes]`. */
    insertArtifact({ now }: Moment, workerId: string, token: number, fileText: string): string {
      const row = fileArguments(fileText, now);
      const [fileId, jobId, , name, mediaType, size, sha256] = row;
      const job = held.get(jobId, workerId, token);
      if (job === undefined) return "[true,[],[]]";
      const replaced = replaceArtifact.all(jobId, name).map((file) => textOf(file, "id"));
      insertFile.run(...row);
      const others = artifactsOf(textOrNull(job, "artifacts")).filter((artifact) => artifact.name !== name);
      const all = JSON.stringify([...others, { name, size, sha256, mediaType, fileId }]);
      const changed = changes(setArtifacts.all(all, integerOf(job, "n")));
      return `[false,${JSON.stringify(replaced)},${changed}]`;
    },
    removeFiles(_: Moment, idsText: string): string {
      removeFiles.run(idsText);
      return "";
    },
  };
}

function createRemoval(db: DatabaseSync) {
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
