// Writes a file chunk by chunk, each in a statement of its own, so that nothing is held open between them. Its invariant:
// what it took is written in order and once, even when the answer to a chunk is lost and it is written again later, and
// nothing of it once somebody else has opened the file.
import { createHash } from "node:crypto";
import { fileNotFound, fileTaken } from "../../domain/errors.ts";
import type { FileAppender } from "../../ports/file-store.ts";
import { integerOf } from "../sql/rows.ts";
import { createChunkBuffer } from "./chunk-buffer.ts";
import type { Session } from "./database.ts";
import * as sql from "./queries/file-chunks.ts";

export interface FileWriterOptions {
  readonly session: Session;
  readonly id: string;
  /** What the file's row says as long as nobody else has opened it. */
  readonly generation: number;
  /** Bytes that are there. */
  readonly size: number;
  /** Whether the file can be read already; otherwise `finish` makes it so. */
  readonly readable: boolean;
  /** Digests what is stored, for a file that has bytes from before. */
  readonly digest: () => Promise<string>;
}

export function createFileWriter({ digest, ...file }: FileWriterOptions): FileAppender {
  const { id } = file;
  const chunks = createChunkWriter(file);
  let { size } = file;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = <R>(work: () => Promise<R>): Promise<R> => {
    const done = last.then(() => {
      refuseClosed();
      return work();
    });
    last = done.catch(() => {});
    return done;
  };
  const refuseClosed = () => {
    if (closed) throw new Error(`The file ${id} was closed; nothing can be added to it.`);
  };
  return {
    get size() {
      return size;
    },
    async write(piece) {
      refuseClosed();
      const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
      size += bytes.length;
      chunks.add(bytes);
      if (chunks.isDue()) await inOrder(() => chunks.write({ all: false, end: false }));
    },
    sync: () => inOrder(() => chunks.write({ all: true, end: false })),
    finish: () =>
      inOrder(async () => {
        await chunks.write({ all: true, end: true });
        const sha256 = chunks.sha256() ?? (await digest());
        closed = true;
        return { id, size, sha256 };
      }),
    async close() {
      closed = true;
      await last;
    },
  };
}

interface WriteOptions {
  /** Not whole chunks only. */
  readonly all: boolean;
  /** The file ends here, and can be read from now on. */
  readonly end: boolean;
}

const NOTHING = Buffer.alloc(0);

function createChunkWriter({ session, id, generation, ...start }: Omit<FileWriterOptions, "digest">) {
  const buffer = createChunkBuffer(sql.CHUNK_BYTES);
  // Of a file from its first byte on, which then need not be read again.
  const hash = start.size === 0 ? createHash("sha256") : null;
  let { readable, size: written } = start;

  /** Nothing was written: because an earlier try was, late, or because the file is not this writer's any more. */
  const catchUp = async (chunk: Buffer): Promise<Buffer> => {
    const [body] = await session.run(sql.bodyOf, id);
    if (body === undefined) throw fileNotFound(id);
    const ahead = integerOf(body, "size") - written;
    if (integerOf(body, "generation") !== generation || ahead <= 0 || ahead > chunk.length) throw fileTaken(id);
    return chunk.subarray(0, ahead);
  };
  const writeChunk = async (chunk: Buffer, isLast: boolean): Promise<void> => {
    const [body] = await session.run(sql.writeChunk, id, generation, written, chunk, isLast);
    const done = body ? chunk : await catchUp(chunk);
    hash?.update(done);
    written += done.length;
    readable ||= isLast && body !== undefined;
    buffer.drop(done);
  };
  return {
    add: buffer.add,
    isDue: () => buffer.length >= sql.CHUNK_BYTES,
    /** What fails stays in the buffer, and so does what comes after it. */
    async write({ all, end }: WriteOptions): Promise<void> {
      for (let chunk = buffer.next({ all }); chunk.length > 0; chunk = buffer.next({ all })) {
        await writeChunk(chunk, end && chunk.length === buffer.length);
      }
      if (end && !readable) await writeChunk(NOTHING, true);
    },
    /** `null` when it did not see all bytes. */
    sha256: () => hash?.copy().digest("hex") ?? null,
  };
}
