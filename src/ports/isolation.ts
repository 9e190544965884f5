// Running attempts apart from this process. What runs apart holds nothing of Pawl: all that it reads and writes it asks of
// this process, so that nothing of it counts any more once it has been ended.
import type { StopCause } from "../domain/interruption.ts";
import type { JobRecord } from "../domain/job.ts";
import type { Clock } from "./clock.ts";
import type { StoredBytes } from "./file-store.ts";
import type {
  CheckpointWrite,
  FileIndex,
  JournalStore,
  LogStore,
  ProgressWrite,
  Settlement,
  StepStore,
} from "./store.ts";

/** What an attempt that runs apart can ask for. A rejection reaches it as an error of the same message and code. */
export interface IsolatedCalls {
  /** Answers `false` when the lease is lost, as all writes do. */
  writeCheckpoint(checkpoint: CheckpointWrite): Promise<boolean>;
  reportProgress(progress: ProgressWrite): Promise<void>;
  readonly appendLogs: LogStore["appendLogs"];
  readonly saveStep: StepStore["saveStep"];
  readonly steps: StepStore["steps"];
  readonly appendJournal: JournalStore["append"];
  readonly newestEntries: JournalStore["newest"];
  readonly journalSize: JournalStore["size"];
  readonly removeEntries: JournalStore["remove"];
  readonly insertFile: FileIndex["insertFile"];
  readonly insertArtifact: FileIndex["insertArtifact"];
  readonly getFiles: FileIndex["getFiles"];
  newFileId(): Promise<string>;
  /** At most `length` bytes from `start`; fewer only at the end of the file. */
  readBytes(id: string, start: number, length: number): Promise<Uint8Array>;
  removeBytes(ids: readonly string[]): Promise<void>;
  /** Opens a file that grows, as `FileStore.append`; answers a number that stands for it. */
  openAppender(id: string, size: number): Promise<number>;
  appendBytes(appender: number, bytes: Uint8Array): Promise<void>;
  syncAppender(appender: number): Promise<void>;
  finishAppender(appender: number): Promise<StoredBytes>;
  closeAppender(appender: number): Promise<void>;
  /** For the program's own log. */
  warn(message: string, problem: string): Promise<void>;
}

/** An attempt to run apart. */
export interface IsolatedJob {
  readonly record: JobRecord;
  readonly workerId: string;
  readonly calls: IsolatedCalls;
  readonly clock: Clock;
  /** It printed a line. */
  onLine(stream: "stdout" | "stderr", line: string): void;
}

/** How an attempt ended that ran apart. Nothing of it runs any more. */
export type IsolatedEnd =
  /** Its handler ended, and this is to be written of it. */
  | { readonly kind: "ended"; readonly settlement: Settlement }
  /** By `kill`, before its handler ended. */
  | { readonly kind: "killed" }
  /** It did not start, or died by itself. */
  | { readonly kind: "died"; readonly code: string; readonly message: string; readonly retryable: boolean };

export interface IsolatedAttempt {
  /** Never rejects. */
  readonly ended: Promise<IsolatedEnd>;
  /** Asks its handler to stop. */
  interrupt(cause: StopCause): void;
  /** Ends it, whatever it does. May come twice. */
  kill(): void;
}

/** A way of running attempts apart, for the jobs of one type. */
export interface Isolation {
  /** How long a paused attempt may take to reach a checkpoint before it is killed, in ms. */
  readonly pauseGraceMs: number;
  /** Starts an attempt. Never throws. */
  start(job: IsolatedJob): IsolatedAttempt;
}
