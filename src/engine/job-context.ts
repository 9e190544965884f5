// What a handler gets: the whole contract of a job author, and nothing of the engine behind it.
import type { LogLevel } from "../domain/history.ts";
import type { Json } from "../domain/job.ts";
import type { Phase } from "../domain/lifecycle.ts";
import type { Progress } from "../domain/progress.ts";
import type { EffectsTarget } from "../ports/effects.ts";
import type { ReadableFile, RecordSource } from "../ports/record-source.ts";

/** Writes lines to the job's log. Bounded per job: the oldest lines go first. Never throws and never waits. */
export type JobLog = Readonly<Record<LogLevel, (message: string, fields?: Json) => void>>;

/** Reports how far the job is. `iterate` keeps `done` by itself; set what it cannot know. */
export interface ProgressReporter {
  readonly done: number;
  readonly total: number | null;
  /** Changes what is given. Shown at most 4 times a second, committed with the next checkpoint. */
  set(change: Partial<Omit<Progress, "ratePerSecond">>): void;
}

export interface IterateOptions {
  /** Tells several loops of one job apart; default `items`. */
  readonly name?: string;
  /** 1: a checkpoint after every batch. Default: at most one every 100 ms, and at every interruption. */
  readonly every?: 1;
  /** At most this many items a second. */
  readonly ratePerSecond?: number;
}

export interface BatchOptions extends IterateOptions {
  /** Items a batch. The last batch may be smaller. */
  readonly size: number;
  /** Take the cursor from this target. Every batch must then be committed to it with `batch.commit`. */
  readonly target?: EffectsTarget<unknown>;
}

/** Some items, in order. */
export interface Batch<T> {
  readonly items: readonly T[];
  /** How many items were done before this batch, in all attempts. */
  readonly offset: number;
  /**
   * Runs `work` and moves the cursor past this batch in one transaction of the target: exactly once.
   * The loop must name the same target. `work` is synchronous where the target's driver is.
   */
  commit<Tx, R>(target: EffectsTarget<Tx>, work: (tx: Tx) => R): Promise<R>;
}

export interface ArtifactOptions {
  /** Default `application/octet-stream`. */
  readonly mediaType?: string;
}

/** A file that the job makes. It continues at the last checkpoint after a pause or a crash: write in order, and just go on. */
export interface ArtifactWriter {
  /** Bytes in the file. 0 in a job that starts. */
  readonly size: number;
  write(chunk: Uint8Array | string): Promise<void>;
  /** Ends the file and answers its digest. Without it, the file is ended when the handler returns. */
  finish(): Promise<{ readonly size: number; readonly sha256: string }>;
}

/** The running attempt, as its handler sees it. */
export interface JobContext<Input = unknown> {
  readonly id: string;
  readonly type: string;
  readonly key: string | null;
  readonly input: Input;
  readonly phase: Phase;
  /** +1 at every start from the beginning. */
  readonly run: number;
  readonly attempt: number;
  /** Who submitted and when is in the history; this is what may be needed to label data: epoch ms of the submit. */
  readonly createdAt: number;
  /** Aborts when the attempt has to stop; its reason is an `Interruption`. Hand it to `fetch` and the like. */
  readonly signal: AbortSignal;
  readonly log: JobLog;
  readonly progress: ProgressReporter;
  /** What the last `checkpoint(cursor)` said, `null` at the first start. */
  readonly cursor: Json;
  /**
   * The place where pause, cancel and drain take effect: throws `Interruption` if one waits, after it saved `cursor`.
   * Otherwise resolves when `cursor` (default: unchanged) is durable.
   */
  checkpoint(cursor?: Json): Promise<void>;
  /**
   * Goes through a source item by item, or batch by batch with `size`, with a checkpoint between them:
   * after a pause, a crash or a deploy it continues at the next item.
   *
   * @example
   * for await (const batch of job.iterate(csvRecords(job.input.file), { size: 500, target: contacts })) {
   *   await batch.commit(contacts, (tx) => insertContacts(tx, batch.items, job.id));
   * }
   */
  iterate<T>(source: RecordSource<T> | readonly T[], options: BatchOptions): AsyncIterable<Batch<T>>;
  iterate<T>(source: RecordSource<T> | readonly T[], options?: IterateOptions): AsyncIterable<T>;
  /** Runs `work` once in a transaction of the target, fenced against earlier attempts that still run. */
  effects<Tx, R>(target: EffectsTarget<Tx>, work: (tx: Tx) => R): Promise<R>;
  /** Opens, or goes on with, a file of this job. The same name answers the same writer. */
  artifact(name: string, options?: ArtifactOptions): Promise<ArtifactWriter>;
  /** A stored file by its id. */
  openFile(id: string): Promise<ReadableFile>;
  /** Waits. Interrupted like a checkpoint. */
  wait(ms: number): Promise<void>;
}
