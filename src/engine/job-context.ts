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
  /** Tells several loops of one job apart, and a loop from those around it; default `items`. */
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
  commit<Tx, R>(target: EffectsTarget<Tx>, work: (tx: Tx) => R): Promise<Awaited<R>>;
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
  /** Of a job that a schedule submitted, `schedule` is its name and `fireAt` the time (ISO 8601) that it was due. */
  readonly labels: Readonly<Record<string, string>>;
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
   * after a pause, a crash or a deploy it continues at the next item. A loop that begins while an item of another one is
   * worked on is its inner loop, with a place of its own for that item; loops side by side are refused, and so is a source
   * that has no cursor, with a `TypeError`.
   *
   * @example
   * for await (const batch of job.iterate(csvRecords(job.input.file), { size: 500, target: contacts })) {
   *   await batch.commit(contacts, (tx) => insertContacts(tx, batch.items, job.id));
   * }
   */
  iterate<T>(source: RecordSource<T> | readonly T[], options: BatchOptions): AsyncIterable<Batch<T>>;
  iterate<T>(source: RecordSource<T> | readonly T[], options?: IterateOptions): AsyncIterable<T>;
  /** Runs `work` once in a transaction of the target, fenced against earlier attempts that still run. */
  effects<Tx, R>(target: EffectsTarget<Tx>, work: (tx: Tx) => R): Promise<Awaited<R>>;
  /** Opens, or goes on with, a file of this job. The same name answers the same writer. */
  artifact(name: string, options?: ArtifactOptions): Promise<ArtifactWriter>;
  /** A stored file by its id. */
  openFile(id: string): Promise<ReadableFile>;
  /** Waits, and holds its worker meanwhile: for moments. Interrupted like a checkpoint. */
  wait(ms: number): Promise<void>;
  /**
   * Runs `work` once a run: its result is remembered durably before this resolves, and answered from then on, whether the
   * job was paused, killed, deployed over or retried meanwhile. A checkpoint comes before it. `work` gets `job.signal`.
   *
   * The same name answers the same result; asked for while it runs, it is not run twice, and `work` must not ask for its
   * own step. An error of `work` is not remembered. A `kill -9` between the end of `work` and its result repeats it: at
   * least once. Results are JSON of at most 256 KiB, `undefined` becomes `null`; all results of a run have at most 16 MiB.
   * An attempt ends after its steps.
   *
   * @example
   * const invoice = await job.step("create invoice", (signal) => billing.create(order, { signal }));
   */
  step<T>(name: string, work: (signal: AbortSignal) => T | Promise<T>): Promise<T>;
  /**
   * Writes down what the job is about to do, before it does it: durable when this resolves. In a rollback the type's `undo`
   * gets each entry, the newest first. An array is several entries, written together or not at all; an entry is JSON of at
   * most 64 KiB, a call of at most 4 MiB. Entries of earlier runs of the job are kept until they are undone.
   * Rejects in a rollback.
   *
   * @example
   * await job.journal({ teamId });
   * await teams.create(teamId);
   */
  journal(entries: Json): Promise<void>;
  /**
   * Sleeps once a run, and holds no worker: the attempt ends by an `Interruption`, which the handler has to let pass, and
   * the job runs again, from its checkpoint, after `ms`. Then this resolves at once. A pause or a crash during the sleep
   * does not make it longer. Below 100 ms it just waits.
   *
   * A sleep that the handler swallowed has not taken place. One that is over cannot be slept again: give each a name.
   * `RangeError` unless `ms` is 0 to a year.
   *
   * @example
   * await job.step("send offer", () => mail.send(offer));
   * await job.sleep("until reminder", 3 * 24 * 3_600_000);
   * await job.step("send reminder", () => mail.send(reminder));
   */
  sleep(name: string, ms: number): Promise<void>;
}
