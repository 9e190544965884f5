// Moves uploads and artifacts, piece by piece, and adds up what is there on either side. Bytes that no index names go along:
// a job that writes a file knows it before the index does. Half of an upload, whose sender is gone, stays behind.
import { createHash } from "node:crypto";
import { PawlError } from "../../domain/errors.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Progress } from "./progress.ts";
import { createRowSummer, digestOfText, type RowSum } from "./row-sum.ts";

/** Attempts count from 1: any of them may open the file. */
const TOKEN = 0;

const MIB = 1_048_576;

/** Moves all of them; tells how many MiB that were. */
export async function copyFiles(source: FileStore, target: FileStore, progress: Progress): Promise<void> {
  const read = counting(progress);
  for await (const { id } of source.list()) await copyFile(read(source.read(id)), id, target);
}

async function copyFile(bytes: AsyncIterable<Uint8Array>, id: string, target: FileStore): Promise<void> {
  const pieces = bytes[Symbol.asyncIterator]();
  const first = await pieces.next().catch(nothingWhole);
  if (first === null) return;
  const appender = await target.append(id, 0, TOKEN);
  for (let piece = first; !piece.done; piece = await pieces.next()) await appender.write(piece.value);
  await appender.finish();
}

/** What grows has another name in the folder until it is whole. */
function nothingWhole(error: unknown): null {
  if (error instanceof PawlError && error.code === "not_found") return null;
  throw error;
}

/** Reads all files; tells how many MiB that were. */
export async function sumOfFiles(files: FileStore, progress: Progress): Promise<RowSum> {
  const read = counting(progress);
  const summer = createRowSummer();
  for await (const { id } of files.list()) {
    const content = await digestOf(read(files.read(id))).catch(nothingWhole);
    if (content !== null) summer.add(digestOfText(`${id} ${content}`));
  }
  return summer.sum();
}

function counting(progress: Progress): (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> {
  let done = 0;
  return async function* (bytes) {
    for await (const piece of bytes) {
      yield piece;
      done += piece.length;
      progress(Math.floor(done / MIB));
    }
  };
}

async function digestOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const digest = createHash("sha256");
  for await (const piece of bytes) digest.update(piece);
  return digest.digest("hex");
}
