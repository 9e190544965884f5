// What jobs leave behind: history, log lines, files.
import type { HistoryEntry, LogLevel, LogLine } from "../domain/history.ts";
import type { Json } from "../domain/job.ts";
import type { LeaseRef } from "./lease-store.ts";

export interface HistoryStore {
  /** Entries with `seq > after`, oldest first, at most `limit`. */
  history(jobId: string, page: { readonly after: number; readonly limit: number }): Promise<readonly HistoryEntry[]>;
}

export interface LogWrite extends LeaseRef {
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Json;
}

export interface LogStore {
  /**
   * Appends lines; those of a lost lease are dropped. Of each job the newest `keep` lines remain.
   * Answers how many were stored.
   */
  appendLogs(lines: readonly LogWrite[], options: { readonly keep: number }): Promise<number>;
  logs(jobId: string, page: { readonly after: number; readonly limit: number }): Promise<readonly LogLine[]>;
}

/** An entry of the file index. `jobId` is its owner: with it, it goes. */
export interface FileEntry {
  readonly id: string;
  readonly jobId: string | null;
  readonly kind: "upload" | "artifact";
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly sha256: string;
  readonly createdAt: number;
}

export interface FileIndex {
  insertFile(file: Omit<FileEntry, "createdAt">): Promise<void>;
  /** The same for an upload, unless all uploads would then be more than `maxBytes`, whoever stores others at the same time. */
  insertUpload(
    file: Omit<FileEntry, "createdAt" | "kind">,
    options: { readonly maxBytes: number },
  ): Promise<"inserted" | "too_much">;
  /** Stores what an attempt made, and shows it in the job's `artifacts`; files of the same job and name are replaced, and their ids answered. `lost`: nothing was written. */
  insertArtifact(
    lease: LeaseRef,
    file: Omit<FileEntry, "createdAt" | "jobId" | "kind">,
  ): Promise<{ readonly lost: boolean; readonly replaced: readonly string[] }>;
  getFiles(ids: readonly string[]): Promise<readonly FileEntry[]>;
  removeFiles(ids: readonly string[]): Promise<void>;
  /**
   * Bytes of all uploads that are stored, those of jobs included; and of those that other processes are receiving, what the
   * store has of them.
   */
  uploadedBytes(): Promise<number>;
}
