// A file that grows over several attempts. Its invariant: after opening it holds exactly the bytes that were asked for,
// so that what an earlier attempt wrote past its last checkpoint is gone before anything is added.
import { type FileHandle, open } from "node:fs/promises";
import { fileCutShort, fileNotFound } from "../domain/errors.ts";
import type { FileAppender } from "../ports/file-store.ts";
import { isMissing, orStorageFull, sha256Of, syncDirectory, writeAt } from "./durable-file.ts";

export interface FileAppenderOptions {
  readonly id: string;
  readonly path: string;
  readonly folder: string;
  /** Bytes to keep; what lies beyond is cut off. */
  readonly size: number;
}

/**
 * Opens a file for writing at `size`. Rejects with `not_found`, `storage_full`, or `internal` when it is shorter than
 * `size`.
 */
export async function createFileAppender({
  id,
  path,
  folder,
  size: start,
}: FileAppenderOptions): Promise<FileAppender> {
  const handle = await openAt(id, path, start);
  let size = start;
  let listed = start > 0; // whether the folder's entry of the file is durable
  let closed = false;
  const sync = async (): Promise<void> => {
    await orStorageFull("the file", () => handle.datasync());
    if (!listed) await syncDirectory(folder);
    listed = true;
  };
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await handle.close();
  };
  return {
    get size() {
      return size;
    },
    async write(chunk) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      const at = size;
      size += bytes.length; // taken before the write: writes that are not awaited keep their order
      await orStorageFull("the file", () => writeAt(handle, bytes, at));
    },
    sync,
    async finish() {
      await sync();
      await close();
      return { id, size, sha256: await sha256Of(id, path) };
    },
    close,
  };
}

async function openAt(id: string, path: string, size: number): Promise<FileHandle> {
  const handle = await openExisting(id, path, size === 0);
  try {
    const actual = (await handle.stat()).size;
    if (actual < size) throw fileCutShort(id, size, actual);
    if (actual > size) await handle.truncate(size);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openExisting(id: string, path: string, mayCreate: boolean): Promise<FileHandle> {
  try {
    return await orStorageFull("the file", () => open(path, mayCreate ? "w" : "r+", 0o600));
  } catch (error) {
    throw isMissing(error) ? fileNotFound(id) : error;
  }
}
