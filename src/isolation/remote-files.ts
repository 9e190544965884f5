// Files, as an attempt in a process of its own reads and writes them: piece by piece, each asked for when the one before has
// arrived, so that neither process holds more than a piece.
import type { AttemptFileStore } from "../engine/patient-files.ts";
import type { FileAppender } from "../ports/file-store.ts";
import type { IsolatedCalls } from "../ports/isolation.ts";

const PIECE_BYTES = 1_048_576;

export function createRemoteFiles(calls: IsolatedCalls): AttemptFileStore {
  return {
    newId: calls.newFileId,
    remove: calls.removeBytes,
    async append(id, size) {
      return createRemoteAppender(calls, await calls.openAppender(id, size), size);
    },
    async *read(id, { start = 0, end = Number.POSITIVE_INFINITY } = {}) {
      for (let at = start; at < end; ) {
        const wanted = Math.min(PIECE_BYTES, end - at);
        const bytes = await calls.readBytes(id, at, wanted);
        if (bytes.length > 0) yield bytes;
        if (bytes.length < wanted) return;
        at += bytes.length;
      }
    },
  };
}

function createRemoteAppender(calls: IsolatedCalls, appender: number, start: number): FileAppender {
  let size = start;
  let writing: Promise<unknown> = Promise.resolve();
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await calls.appendBytes(appender, bytes.subarray(at, at + PIECE_BYTES));
    }
  };
  return {
    get size() {
      return size;
    },
    write(chunk) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      const written = writing.then(() => write(bytes));
      writing = written.catch(() => {});
      return written;
    },
    async sync() {
      await writing;
      await calls.syncAppender(appender);
    },
    async finish() {
      await writing;
      return calls.finishAppender(appender);
    },
    async close() {
      await writing;
      await calls.closeAppender(appender);
    },
  };
}
