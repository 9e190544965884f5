// The smaller roles: history, logs and the file index.
import type { FileIndex, HistoryStore, LogStore, LogWrite } from "../../ports/store.ts";
import {
  artifactsOf,
  fileEntryOf,
  historyEntryOf,
  integerOf,
  jobChangeOf,
  logLineOf,
  parseArray,
  textOf,
  textOrNull,
} from "../sql/rows.ts";
import type { Database } from "./database.ts";
import * as files from "./queries/files.ts";
import { appendLogs } from "./queries/logs.ts";
import * as reads from "./queries/reads.ts";
import { isStorable } from "./storable.ts";
import type { StoreServices } from "./store-services.ts";

export function createHistoryStore(database: Database): HistoryStore {
  return {
    async history(jobId, { after, limit }) {
      if (!isStorable(jobId)) return [];
      return (await database.run(reads.history, jobId, after, limit)).map((row) => historyEntryOf(row.entry));
    },
  };
}

const lineOf = (line: LogWrite) => [
  line.id,
  line.workerId,
  line.token,
  Math.floor(line.at),
  line.level,
  // As JSON: it may hold what PostgreSQL's texts cannot.
  JSON.stringify(line.message),
  JSON.stringify(line.fields),
];

export function createLogStore({ database, notifier }: StoreServices): LogStore {
  return {
    async appendLogs(lines, { keep }) {
      if (lines.length === 0) return 0;
      const [row] = await database.run(appendLogs, JSON.stringify(lines.map(lineOf)), keep);
      const stored = integerOf(row, "stored");
      if (stored > 0) notifier.publish({ kind: "logged", jobIds: [...new Set(lines.map((line) => line.id))] });
      return stored;
    },
    async logs(jobId, { after, limit }) {
      if (!isStorable(jobId)) return [];
      return (await database.run(reads.logs, jobId, after, limit)).map((row) => {
        const [seq, at, level, message, fields] = parseArray(row.line, 5);
        return logLineOf([seq, at, level, JSON.parse(String(message)), fields]);
      });
    },
  };
}

type NewFile = Parameters<FileIndex["insertFile"]>[0];

const valuesOf = ({ id, jobId, kind, name, mediaType, size, sha256 }: NewFile) =>
  [id, jobId, kind, name, mediaType, size, sha256] as const;

/** `receiving`: files that this process is receiving now. */
export function createFileIndex(
  { database, schema, notifier }: StoreServices,
  receiving: ReadonlySet<string>,
): FileIndex {
  return {
    async insertFile(file) {
      await database.run(files.insertFile, ...valuesOf(file));
    },
    async insertUpload({ id, jobId, name, mediaType, size, sha256 }, { maxBytes }) {
      const inserted = await database.transaction(async (transaction) => {
        await transaction.run(files.lockUploads, schema);
        return transaction.run(files.insertUpload, id, jobId, name, mediaType, size, sha256, maxBytes);
      });
      return inserted.length > 0 ? "inserted" : "too_much";
    },
    async insertArtifact({ id: jobId, workerId, token }, file) {
      const { name, size, sha256, mediaType, id: fileId } = file;
      const done = await database.transaction(async (transaction) => {
        const [job] = await transaction.run(files.heldJob, jobId, workerId, token);
        if (job === undefined) return null;
        const replaced = await transaction.run(files.replaceArtifact, jobId, name);
        await transaction.run(files.insertFile, ...valuesOf({ ...file, jobId, kind: "artifact" }));
        const others = artifactsOf(textOrNull(job, "artifacts")).filter((artifact) => artifact.name !== name);
        const all = JSON.stringify([...others, { name, size, sha256, mediaType, fileId }]);
        const changed = await transaction.run(files.setArtifacts, jobId, all);
        return { replaced: replaced.map((row) => textOf(row, "id")), changed };
      });
      if (done === null) return { lost: true, replaced: [] };
      notifier.publish({ kind: "changed", jobs: done.changed.map((row) => jobChangeOf(row.change)) });
      return { lost: false, replaced: done.replaced };
    },
    async getFiles(ids) {
      const known = ids.filter(isStorable);
      if (known.length === 0) return [];
      return (await database.run(files.getFiles, JSON.stringify(known))).map((row) => fileEntryOf(row.file));
    },
    async removeFiles(ids) {
      const known = ids.filter(isStorable);
      if (known.length > 0) await database.run(files.removeFiles, JSON.stringify(known));
    },
    uploadedBytes: async () => integerOf((await database.run(files.uploadedBytes, [...receiving]))[0], "bytes"),
  };
}
