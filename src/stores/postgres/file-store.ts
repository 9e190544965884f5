// Files in the database, in chunks, so that any process can serve and read any of them. Nothing is held whole in memory, and
// no connection between two chunks, however long an upload or a download takes.
// Invariant: a file's chunks lie one after the other without gaps, and all come from whoever opened the file last.
import { createHash, randomUUID } from "node:crypto";
import { fileCutShort, fileNotFound, fileTaken, payloadTooLarge } from "../../domain/errors.ts";
import { isFileId } from "../../domain/file-id.ts";
import type { FileAppender, FileStore, StoredBytes } from "../../ports/file-store.ts";
import { integerOf, textOf, textOrNull } from "../sql/rows.ts";
import type { Database, Session, Transaction } from "./database.ts";
import { createFileWriter } from "./file-writer.ts";
import * as sql from "./queries/file-chunks.ts";
import { createTurns } from "./turns.ts";

/** Files that are deleted with one statement, or listed with one. */
const REMOVED_AT_ONCE = 100;
const REMOVED_CHUNKS_AT_ONCE = 500;
const LISTED_AT_ONCE = 1_000;

export interface PostgresFilesOptions {
  readonly database: Database;
  /** Connections that files use at most at once: the others are free for jobs, whatever is uploaded. */
  readonly connections: number;
  /** Holds the ids of the files that `create` is receiving. */
  readonly receiving: Set<string>;
}

export function createPostgresFiles({ database, connections, receiving }: PostgresFilesOptions): FileStore {
  const turns = createTurns(connections);
  const session: Session = { run: (statement, ...values) => turns.take(() => database.run(statement, ...values)) };
  const read = (id: string, range: ByteRange = {}) => readFile(session, id, range);
  const digest = (id: string) => sha256Of(read(id));
  const writerOf = (file: OpenedFile) => createFileWriter({ ...file, session, digest: () => digest(file.id) });
  return {
    newId: () => randomUUID(),
    async create(bytes, { maxBytes }) {
      const id = randomUUID();
      receiving.add(id);
      try {
        await session.run(sql.createBody, id);
        const file = { id, generation: 1, size: 0, readable: false };
        return await receive(writerOf(file), bytes, maxBytes);
      } catch (error) {
        // What cannot be deleted now is found by the sweep.
        await removeFiles(session, [id]).catch(() => {});
        throw error;
      } finally {
        receiving.delete(id);
      }
    },
    read,
    async append(id, size, token) {
      if (!isFileId(id)) throw fileNotFound(id);
      const open = (transaction: Transaction) => openAt(transaction, { id, size, token });
      return writerOf(await turns.take(() => database.transaction(open)));
    },
    remove: (ids) => removeFiles(session, ids.filter(isFileId)),
    list: () => listFiles(session),
  };
}

interface ByteRange {
  readonly start?: number;
  readonly end?: number;
}

interface OpenedFile {
  readonly id: string;
  readonly generation: number;
  readonly size: number;
  readonly readable: boolean;
}

async function receive(writer: FileAppender, bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<StoredBytes> {
  for await (const piece of bytes) {
    if (writer.size + piece.length > maxBytes) throw payloadTooLarge("The file", maxBytes);
    await writer.write(piece);
  }
  return writer.finish();
}

/** Takes the file from whoever has it, then cuts it: two statements, so that the second sees what they wrote until then. */
async function openAt(
  transaction: Transaction,
  { id, size, token }: { readonly id: string; readonly size: number; readonly token: number },
): Promise<OpenedFile> {
  const [body] = await transaction.run(size === 0 ? sql.openNew : sql.openExisting, id, token);
  if (body === undefined) {
    const [other] = await transaction.run(sql.bodyOf, id);
    throw other?.readable === true ? fileTaken(id) : fileNotFound(id);
  }
  const actual = integerOf(body, "size");
  if (actual < size) throw fileCutShort(id, size, actual);
  if (actual > size) {
    await transaction.run(sql.dropBeyond, id, size);
    await transaction.run(sql.cutChunk, id, size);
    await transaction.run(sql.setSize, id, size);
  }
  return { id, size, generation: integerOf(body, "generation"), readable: true };
}

async function* readFile(session: Session, id: string, { start = 0, end }: ByteRange): AsyncGenerator<Uint8Array> {
  if (!isFileId(id)) throw fileNotFound(id);
  const limit = Math.min(end ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  for (let at = start; ; ) {
    // Up to where a full chunk ends, so that the next statement reads one chunk and not parts of two.
    const wanted = at + sql.CHUNK_BYTES - (at % sql.CHUNK_BYTES);
    const [row] = await session.run(sql.readBytes, id, at, Math.max(at, Math.min(wanted, limit)));
    if (row === undefined) throw fileNotFound(id);
    const upto = integerOf(row, "upto");
    if (upto <= at) return;
    const bytes = Buffer.from(textOrNull(row, "bytes") ?? "", "base64");
    if (bytes.length !== upto - at) throw fileCutShort(id, upto, at + bytes.length);
    yield bytes;
    at = upto;
    if (at >= limit) return;
  }
}

/** Lower-case hex. */
async function sha256Of(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of bytes) hash.update(piece);
  return hash.digest("hex");
}

/** No statement deletes more than a bounded number of bytes. */
async function removeFiles(session: Session, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += REMOVED_AT_ONCE) {
    const some = ids.slice(from, from + REMOVED_AT_ONCE);
    await session.run(sql.removeSmall, some);
    for (const row of await session.run(sql.hideLarge, some)) await removeLarge(session, textOf(row, "id"));
  }
}

async function removeLarge(session: Session, id: string): Promise<void> {
  let removed: number;
  do removed = (await session.run(sql.removeChunks, id, REMOVED_CHUNKS_AT_ONCE)).length;
  while (removed === REMOVED_CHUNKS_AT_ONCE);
  await session.run(sql.removeBody, id);
}

async function* listFiles(session: Session): AsyncGenerator<{ readonly id: string; readonly modifiedAt: number }> {
  for (let after = ""; ; ) {
    const page = (await session.run(sql.listBodies, after, LISTED_AT_ONCE)).map((row) => ({
      id: textOf(row, "id"),
      modifiedAt: integerOf(row, "modifiedAt"),
    }));
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < LISTED_AT_ONCE) return;
    after = last.id;
  }
}
