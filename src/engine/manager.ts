// One process's jobs, whole: submit and steer them, run them, watch them. The library's main object, and all that the
// HTTP server knows of the engine.
import type { JobSummary } from "../domain/job.ts";
import type { JobControl, JobTypeInfo } from "../domain/job-control.ts";
import type { Notice } from "../ports/notifier.ts";
import type { FileEntry } from "../ports/store.ts";
import type { Service } from "./service.ts";

/** Uploaded files and artifacts, as callers use them. */
export interface Files {
  /** Stores a stream, durably. Rejects with `payload_too_large` or `storage_full`, and leaves nothing behind then. */
  upload(
    bytes: AsyncIterable<Uint8Array>,
    file: { readonly name: string; readonly mediaType: string; readonly maxBytes: number },
  ): Promise<FileEntry>;
  /** `null` when there is no such file. */
  get(id: string): Promise<FileEntry | null>;
  /** Rejects with `not_found`. */
  open(id: string): Promise<{ readonly file: FileEntry; readonly bytes: AsyncIterable<Uint8Array> }>;
  /** Rejects with `not_found` or `job_not_found`. */
  artifact(
    jobId: string,
    name: string,
  ): Promise<{ readonly file: FileEntry; readonly bytes: AsyncIterable<Uint8Array> }>;
  /** Deletes these files, whoever uses them: for uploads whose submit was refused. */
  discard(ids: readonly string[]): Promise<void>;
}

export interface Manager extends JobControl, Service {
  readonly files: Files;
  jobTypes(): readonly JobTypeInfo[];
  /** Those that exist, in any order: what a stream shows of jobs that changed. */
  summaries(ids: readonly string[]): Promise<readonly JobSummary[]>;
  /** Hears of every committed change until the returned function is called. */
  subscribe(listener: (notice: Notice) => void): () => void;
  /** `starting` until recovery is done, `draining` from the first moment of `stop`. Rejects when the store does not answer. */
  readiness(): Promise<"ready" | "starting" | "draining">;
}
