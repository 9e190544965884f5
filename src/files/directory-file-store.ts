// Files in a folder of this machine, spread over 256 folders by the first two digits of their ids. Invariant: only an
// id that is a UUID becomes part of a path, and a stored file appears under its id whole or not at all.
import { createHash, randomUUID } from "node:crypto";
import type { Dirent } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileNotFound, payloadTooLarge } from "../domain/errors.ts";
import { isFileId } from "../domain/file-id.ts";
import type { FileStore, StoredBytes } from "../ports/file-store.ts";
import { makeDirectory, orStorageFull, readBytes, syncDirectory, unlessMissing, writeAt } from "./durable-file.ts";
import { createFileAppender } from "./file-appender.ts";

export interface DirectoryFileStoreOptions {
  /** Made with mode 0700 when it is missing. */
  readonly directory: string;
}

interface Place {
  readonly folder: string;
  readonly path: string;
  /** Where an upload grows until it is whole. */
  readonly partial: string;
}

const PARTIAL_SUFFIX = ".part";

/**
 * Keeps files in a folder, mode 0600, under random ids.
 *
 * @example
 * const files = createDirectoryFileStore({ directory: "pawl-data/files" });
 * const { id, size, sha256 } = await files.create(request, { maxBytes: 1_000_000 });
 */
export function createDirectoryFileStore({ directory }: DirectoryFileStoreOptions): FileStore {
  /** Throws `not_found` for what cannot be an id. */
  const placeOf = (id: string): Place => {
    if (!isFileId(id)) throw fileNotFound(id);
    const folder = join(directory, id.slice(0, 2));
    return { folder, path: join(folder, id), partial: join(folder, id + PARTIAL_SUFFIX) };
  };
  return {
    newId: () => randomUUID(),
    async create(bytes, { maxBytes }) {
      const id = randomUUID();
      const place = placeOf(id);
      await orStorageFull("the file", () => makeDirectory(place.folder));
      try {
        const written = await orStorageFull("the file", () => receive(place.partial, bytes, maxBytes));
        await rename(place.partial, place.path);
        await syncDirectory(place.folder);
        return { id, ...written };
      } catch (error) {
        await rm(place.partial, { force: true });
        throw error;
      }
    },
    async *read(id, range = {}) {
      yield* readBytes(id, placeOf(id).path, range);
    },
    async append(id, size) {
      const place = placeOf(id);
      await orStorageFull("the file", () => makeDirectory(place.folder));
      return createFileAppender({ id, size, ...place });
    },
    async remove(ids) {
      for (const id of ids.filter(isFileId)) {
        const place = placeOf(id);
        await rm(place.path, { force: true });
        await rm(place.partial, { force: true });
      }
    },
    list: () => listFiles(directory),
  };
}

/** Writes a stream to a new file and makes it durable. */
async function receive(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Omit<StoredBytes, "id">> {
  const hash = createHash("sha256");
  const handle = await open(path, "wx", 0o600);
  try {
    let size = 0;
    for await (const chunk of bytes) {
      if (size + chunk.length > maxBytes) throw payloadTooLarge("The file", maxBytes);
      hash.update(chunk);
      await writeAt(handle, chunk, size);
      size += chunk.length;
    }
    await handle.sync();
    return { size, sha256: hash.digest("hex") };
  } finally {
    await handle.close();
  }
}

async function* listFiles(directory: string): AsyncGenerator<{ readonly id: string; readonly modifiedAt: number }> {
  for (const folder of await entriesOf(directory)) {
    if (!folder.isDirectory()) continue;
    const path = join(directory, folder.name);
    for (const entry of await entriesOf(path)) {
      const id = entry.name.replace(PARTIAL_SUFFIX, "");
      if (!isFileId(id)) continue;
      const found = await unlessMissing(stat(join(path, entry.name)));
      if (found) yield { id, modifiedAt: found.mtimeMs };
    }
  }
}

const entriesOf = async (directory: string): Promise<readonly Dirent[]> =>
  (await unlessMissing(readdir(directory, { withFileTypes: true }))) ?? [];
