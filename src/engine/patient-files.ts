// An attempt's files, for a store that may be away for a while: the attempt waits for it instead of failing because of it,
// and goes on with the very next byte. Nothing is waited for once the attempt is to stop.
import { PawlError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileAppender, FileStore } from "../ports/file-store.ts";
import type { Logger } from "../ports/logger.ts";
import type { FileIndex } from "../ports/store.ts";
import type { Attempt } from "./attempt.ts";
import { persist } from "./persist.ts";

/** What an attempt needs of a file store. One that runs apart has to ask for an id. */
export type AttemptFileStore = Pick<FileStore, "read" | "append" | "remove"> & { newId(): string | Promise<string> };

/** What an attempt needs of the file index. */
export type AttemptFileIndex = Omit<FileIndex, "insertUpload" | "removeFiles" | "uploadedBytes">;

export interface AttemptFileServices {
  readonly fileStore: AttemptFileStore;
  readonly files: AttemptFileIndex;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface AttemptFiles extends AttemptFileIndex {
  readonly newId: AttemptFileStore["newId"];
  readonly read: FileStore["read"];
  readonly remove: FileStore["remove"];
  append(id: string, size: number): Promise<FileAppender>;
}

type Wait = <T>(call: () => Promise<T>) => Promise<T>;

/** Each of its calls is made again when its answer was lost: the second one finds what the first one did. */
export function createPatientFiles(
  attempt: Attempt,
  { fileStore, files, clock, logger }: AttemptFileServices,
): AttemptFiles {
  const goOn = (error: unknown) => codeOf(error) === "store_unavailable" && attempt.interruption === null;
  const wait: Wait = async (call) => {
    try {
      return await persist(call, { clock, logger, goOn });
    } catch (error) {
      // Only a newer attempt of the same job opens the same file.
      if (codeOf(error) === "changed_meanwhile") attempt.interrupt("lease_lost");
      attempt.throwIfInterrupted();
      throw error;
    }
  };
  return {
    newId: () => fileStore.newId(),
    read: (id, range) => readPatiently(fileStore, { id, ...range }, wait),
    remove: (ids) => wait(() => fileStore.remove(ids)),
    append: async (id, size) =>
      createPatientAppender(await wait(() => fileStore.append(id, size, attempt.lease.token)), wait),
    getFiles: (ids) => wait(() => files.getFiles(ids)),
    insertFile: (file) => wait(insertedOnce(files, file)),
    insertArtifact: (lease, file) => wait(() => files.insertArtifact(lease, file)),
  };
}

/** Whose answer was lost may have been inserted, and then cannot be inserted again. */
function insertedOnce(files: AttemptFileIndex, file: Parameters<FileIndex["insertFile"]>[0]): () => Promise<void> {
  let tries = 0;
  return async () => {
    tries += 1;
    try {
      await files.insertFile(file);
    } catch (error) {
      if (tries === 1 || (await files.getFiles([file.id])).length === 0) throw error;
    }
  };
}

const codeOf = (error: unknown) => (error instanceof PawlError ? error.code : null);

interface Reading {
  readonly id: string;
  readonly start?: number;
  readonly end?: number;
}

async function* readPatiently(
  fileStore: AttemptFileStore,
  { id, start = 0, end }: Reading,
  wait: Wait,
): AsyncGenerator<Uint8Array> {
  let at = start;
  const open = () => fileStore.read(id, { start: at, end })[Symbol.asyncIterator]();
  let bytes = open();
  const next = async () => {
    try {
      return await bytes.next();
    } catch (error) {
      bytes = open();
      throw error;
    }
  };
  try {
    for (let piece = await wait(next); piece.done !== true; piece = await wait(next)) {
      at += piece.value.length;
      yield piece.value;
    }
  } finally {
    await bytes.return?.();
  }
}

function createPatientAppender(appender: FileAppender, wait: Wait): FileAppender {
  return {
    get size() {
      return appender.size;
    },
    write(piece) {
      let taken = false;
      return wait(() => {
        if (taken) return appender.sync();
        taken = true;
        return appender.write(piece);
      });
    },
    sync: () => wait(() => appender.sync()),
    finish: () => wait(() => appender.finish()),
    close: () => appender.close(),
  };
}
