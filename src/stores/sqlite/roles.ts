// The smaller roles over the store's threads: leases, history, logs and the file index.
import type { FileIndex, HistoryStore, LeaseRef, LeaseStore, LogStore, LogWrite } from "../../ports/store.ts";
import { type LocalNotifier, publishMoved } from "../sql/notifier.ts";
import { workerRecordOf } from "../sql/operator-rows.ts";
import {
  fileEntryOf,
  heldRequestOf,
  historyEntryOf,
  jobChangeOf,
  leaseRefOf,
  logLineOf,
  movedJobsOf,
  parseArray,
} from "../sql/rows.ts";
import type { Connection } from "./connection.ts";

export interface LeaseStoreOptions {
  readonly writer: Connection;
  readonly reader: Connection;
  readonly notifier: LocalNotifier;
  readonly leaseMs: number;
}

export function createLeaseStore({ writer, reader, notifier, leaseMs }: LeaseStoreOptions): LeaseStore {
  return {
    reapEveryMs: leaseMs / 3,
    async register({ id, host, pid, concurrency, queues }) {
      await writer.call("register", JSON.stringify({ id, host, pid, concurrency, queues }), leaseMs);
    },
    async renew(workerId) {
      const [alive, requests] = parseArray(JSON.parse(await writer.call("renew", workerId, leaseMs)), 2);
      return {
        alive: alive === true,
        requests: parseArray(requests).map(heldRequestOf),
      };
    },
    async held(workerId) {
      const leases = parseArray(JSON.parse(await reader.call("held", workerId)));
      return leases.map((lease) => leaseRefOf(lease, workerId));
    },
    async retire(workerId) {
      await writer.call("retire", workerId);
    },
    async reap({ crashLimit }) {
      const moved = movedJobsOf(await writer.call("reap", crashLimit));
      publishMoved(notifier, moved);
      return moved.length;
    },
    workers: async () => parseArray(JSON.parse(await reader.call("workers"))).map(workerRecordOf),
  };
}

export function createHistoryStore(reader: Connection): HistoryStore {
  return {
    async history(jobId, { after, limit }) {
      return parseArray(JSON.parse(await reader.call("history", jobId, after, limit))).map(historyEntryOf);
    },
  };
}

export interface LogStoreOptions {
  readonly writer: Connection;
  readonly reader: Connection;
  readonly notifier: LocalNotifier;
}

const lineOf = (line: LogWrite) => [
  line.id,
  line.workerId,
  line.token,
  Math.floor(line.at),
  line.level,
  line.message,
  JSON.stringify(line.fields),
];

export function createLogStore({ writer, reader, notifier }: LogStoreOptions): LogStore {
  return {
    async appendLogs(lines, { keep }) {
      if (lines.length === 0) return 0;
      const jobIds = [...new Set(lines.map((line) => line.id))];
      const members = JSON.stringify(lines.map(lineOf));
      const stored = Number(await writer.call("appendLogs", members, JSON.stringify(jobIds), keep));
      if (stored > 0) notifier.publish({ kind: "logged", jobIds });
      return stored;
    },
    async logs(jobId, { after, limit }) {
      return parseArray(JSON.parse(await reader.call("logs", jobId, after, limit))).map(logLineOf);
    },
  };
}

export interface FileIndexOptions {
  readonly writer: Connection;
  readonly notifier: LocalNotifier;
}

export function createFileIndex({ writer, notifier }: FileIndexOptions): FileIndex {
  return {
    async insertFile(file) {
      await writer.call("insertFile", JSON.stringify(file));
    },
    async insertUpload(file, { maxBytes }) {
      const text = JSON.stringify({ ...file, kind: "upload" });
      return (await writer.call("insertUpload", text, maxBytes)) === "1" ? "inserted" : "too_much";
    },
    async insertArtifact({ id: jobId, workerId, token }: LeaseRef, file) {
      const text = JSON.stringify({ ...file, jobId, kind: "artifact" });
      const answer = await writer.call("insertArtifact", workerId, token, text);
      const [lost, replaced, changes] = parseArray(JSON.parse(answer), 3);
      const jobs = parseArray(changes).map(jobChangeOf);
      if (jobs.length > 0) notifier.publish({ kind: "changed", jobs });
      return { lost: lost === true, replaced: parseArray(replaced).map(String) };
    },
    async getFiles(ids) {
      if (ids.length === 0) return [];
      return parseArray(JSON.parse(await writer.call("getFiles", JSON.stringify(ids)))).map(fileEntryOf);
    },
    async removeFiles(ids) {
      if (ids.length > 0) await writer.call("removeFiles", JSON.stringify(ids));
    },
    uploadedBytes: async () => Number(await writer.call("uploadedBytes")),
  };
}
