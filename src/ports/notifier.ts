// Tells this process at once what changed in the store. A hint: the store is the truth, and whoever must not miss
// anything reads it again at intervals. A notice is published only after the change it tells of is committed.
import type { JobRecord } from "../domain/job.ts";
import type { Action } from "../domain/lifecycle.ts";

export type Notice =
  /** Jobs wait that were not waiting before; the earliest can be claimed in `inMs`. */
  | { readonly kind: "work"; readonly inMs: number }
  /** A job that the worker `workerId` holds got a request. */
  | {
      readonly kind: "control";
      readonly workerId: string;
      readonly jobId: string;
      readonly token: number;
      readonly action: Action;
    }
  /** These jobs changed: state, progress, or anything a summary shows. */
  | { readonly kind: "changed"; readonly jobs: readonly JobChange[] }
  /** These jobs got log lines. */
  | { readonly kind: "logged"; readonly jobIds: readonly string[] }
  /** Notices may have been missed: read again what you watch. */
  | { readonly kind: "resync" };

/** Enough of a changed job to decide whether to read it. */
export type JobChange = Pick<JobRecord, "id" | "type" | "queue" | "state" | "phase"> & {
  /** The job was deleted. */
  readonly removed?: boolean;
};

export interface Notifier {
  /** Registers a listener until the returned function is called. A listener must not throw and must not block. */
  subscribe(listener: (notice: Notice) => void): () => void;
}
