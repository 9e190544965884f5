// Answers questions (on either thread). Each answer is a JSON array of records, built by SQLite.
import type { DatabaseSync } from "node:sqlite";
import { integerOf, textOf } from "../sql/rows.ts";
import type { Moment } from "./protocol.ts";
import { getFiles as getFileEntries, uploadedBytes as sumOfUploads } from "./queries/files.ts";
import * as sql from "./queries/reads.ts";

export const records = (rows: readonly Readonly<Record<string, unknown>>[]): string =>
  `[${rows.map((row) => textOf(row, "record")).join()}]`;

/** By id, from the thread that writes: whoever reads what it just wrote finds it. */
export function createGets(db: DatabaseSync) {
  const get = db.prepare(sql.get);
  const listed = db.prepare(sql.listed);
  const getFiles = db.prepare(getFileEntries);
  const uploadedBytes = db.prepare(sumOfUploads);
  return {
    get: (_: Moment, idsText: string): string => records(get.all(idsText)),
    listed: (_: Moment, idsText: string): string => records(listed.all(idsText)),
    getFiles: (_: Moment, idsText: string): string => records(getFiles.all(idsText)),
    uploadedBytes: (): string => String(integerOf(uploadedBytes.get(), "bytes")),
  };
}

/** What jobs leave behind. */
export function createRecordReads(db: DatabaseSync) {
  const history = db.prepare(sql.history);
  const logs = db.prepare(sql.logs);
  const ping = db.prepare(sql.ping);
  return {
    history: (_: Moment, jobId: string, after: number, limit: number): string =>
      records(history.all(jobId, after, limit)),
    logs: (_: Moment, jobId: string, after: number, limit: number): string => records(logs.all(jobId, after, limit)),
    ping(): string {
      ping.get();
      return "";
    },
  };
}
