// Bytes of uploads and artifacts, by random id. Names, owners and digests live in the store's file index.
// Nothing is held whole in memory, and an id never comes from a caller unchecked.

/** What was written. `sha256` is lower-case hex. */
export interface StoredBytes {
  readonly id: string;
  readonly size: number;
  readonly sha256: string;
}

/** A file that grows. Bytes are only promised after `sync`. */
export interface FileAppender {
  /** Bytes in the file, written ones included. */
  readonly size: number;
  /**
   * When it rejects with `store_unavailable`, the appender keeps what it was given, in order; `sync` tries again. With any
   * other error, nothing that follows counts any more.
   */
  write(chunk: Uint8Array | string): Promise<void>;
  /** Makes everything written so far survive a power cut. */
  sync(): Promise<void>;
  /** Syncs, closes, and answers the digest of the whole file. */
  finish(): Promise<StoredBytes>;
  /** Closes without a promise; the bytes stay for a later `append`. May come twice. */
  close(): Promise<void>;
}

export interface FileStore {
  /**
   * Stores a stream, durably, hashing on the way.
   * Rejects with `payload_too_large` past `maxBytes` and with `storage_full`; nothing is left behind in either case.
   */
  create(bytes: AsyncIterable<Uint8Array>, options: { readonly maxBytes: number }): Promise<StoredBytes>;
  /** Reads `[start, end)`, default all. Rejects with `not_found`. */
  read(id: string, range?: { readonly start?: number; readonly end?: number }): AsyncIterable<Uint8Array>;
  /**
   * Opens `id` for writing at byte `size`, cutting off what lies beyond; creates it when `size` is 0. `token` is that of the
   * attempt that writes: where several processes share the files, whoever opened the file before writes nothing more into
   * it, and an attempt with a lower token than the last one cannot open it; both are told `changed_meanwhile`.
   */
  append(id: string, size: number, token: number): Promise<FileAppender>;
  /** Deletes; a missing file is no error. */
  remove(ids: readonly string[]): Promise<void>;
  /** A new random id. */
  newId(): string;
  /** All ids, for the sweep that deletes what nobody refers to. Half-written uploads are included. */
  list(): AsyncIterable<{ readonly id: string; readonly modifiedAt: number }>;
}
