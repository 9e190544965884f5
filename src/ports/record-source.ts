// Where `iterate` takes its items from. A source can start after any cursor that it gave out, in another process, years later.
import type { Json } from "../domain/job.ts";

/** A stored file, as a source reads it. */
export interface ReadableFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  /** Bytes from `start` (default 0) to the end. */
  read(start?: number): AsyncIterable<Uint8Array>;
}

export interface SourceContext {
  /** Rejects with a `PermanentError` of code `file_not_found`. */
  openFile(id: string): Promise<ReadableFile>;
}

/** An item, and the cursor that stands right after it. */
export interface SourceEntry<T> {
  readonly item: T;
  readonly cursor: Json;
}

export interface RecordSource<T> {
  /**
   * Gives the entries after `cursor` (`null`: from the start), in groups of whatever size suits the source.
   * Groups are never empty.
   */
  entries(context: SourceContext, cursor: Json): AsyncIterable<readonly SourceEntry<T>[]>;
  /** How much there is, in the unit of `position`, or `null` when that cannot be told without reading everything. */
  total?(context: SourceContext): Promise<{ readonly total: number | null; readonly unit: string }>;
}
