// What a file needs to survive a power cut, and what its errors mean. Nothing here keeps state.
import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileNotFound, storageFull } from "../domain/errors.ts";

/** Large enough that a read costs little a byte, small enough to hash without holding up the event loop. */
const READ_BYTES = 256 * 1024;

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

export const isMissing = (error: unknown): boolean => codeOf(error) === "ENOENT";

/** Answers `null` instead of "no such file". */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Gives "no space left" and "over quota" their code, `storage_full`; every other error passes. */
export async function orStorageFull<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    throw code === "ENOSPC" || code === "EDQUOT" ? storageFull(what, error) : error;
  }
}

/** Makes the names in a folder durable: without it a power cut can take a new file whose bytes were synced. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and its parents, mode 0700, durably. */
export async function makeDirectory(path: string): Promise<void> {
  const last = resolve(path);
  const first = await mkdir(last, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = last; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Writes all of `bytes` at `position`, however many calls the system needs. */
export async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const result = await handle.write(bytes, written, bytes.length - written, position + written);
    written += result.bytesWritten;
  }
}

/** Reads `[start, end)`, default all. Rejects with `not_found`. */
export async function* readBytes(
  id: string,
  path: string,
  { start = 0, end = Number.POSITIVE_INFINITY }: { readonly start?: number; readonly end?: number } = {},
): AsyncGenerator<Uint8Array> {
  const handle = await unlessMissing(open(path, "r"));
  if (!handle) throw fileNotFound(id);
  try {
    for (let at = start; at < end; ) {
      const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** Lower-case hex. */
export async function sha256Of(id: string, path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of readBytes(id, path)) hash.update(chunk);
  return hash.digest("hex");
}
