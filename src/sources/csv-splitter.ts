// Cuts the bytes of a file into blocks at line ends, so that no character is ever cut in two. What a block's reader
// does not take begins the next block; how the bytes arrive changes nothing of what comes out.
import type { LineEnd } from "./csv-encoding.ts";

export interface Block {
  /** Whole lines, or what is left at the end of the file. */
  readonly bytes: Buffer;
  readonly atEnd: boolean;
  /** Bytes that were searched for the block's last line end. The same however the bytes arrive. */
  readonly searched: number;
}

/**
 * What a reader made of a block. When it takes 0 bytes, it is given a larger block; at the end of the file it must
 * not.
 */
export interface BlockResult<T> {
  readonly taken: number;
  readonly value: T;
}

/** Parsed in about a millisecond; larger ones are no faster. */
const BLOCK_BYTES = 64 * 1024;
const LF = 10;
const CR = 13;

/** Gives what `read` makes of each block, in order. */
export async function* readBlocks<T>(
  chunks: AsyncIterable<Uint8Array>,
  lineEnd: LineEnd,
  read: (block: Block) => BlockResult<T>,
): AsyncGenerator<T> {
  let pending: Buffer = Buffer.alloc(0);
  let wanted = BLOCK_BYTES;
  const next = (ended: boolean): T => {
    const atEnd = ended && pending.length <= wanted;
    const offered = pending.subarray(0, wanted);
    const bytes = atEnd ? offered : wholeLines(offered, lineEnd);
    const { taken, value } = read({ bytes, atEnd, searched: offered.length });
    pending = pending.subarray(taken);
    wanted = taken === 0 ? wanted * 2 : BLOCK_BYTES;
    return value;
  };
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? asBuffer(chunk) : Buffer.concat([pending, chunk]);
    while (pending.length >= wanted) yield next(false);
  }
  while (pending.length > 0) yield next(true);
}

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The bytes up to and with the last line end. A CR that comes last may be half of one. */
function wholeLines(bytes: Buffer, lineEnd: LineEnd): Buffer {
  const lf = bytes.lastIndexOf(LF);
  const last = lineEnd === "cr" ? Math.max(lf, bytes.lastIndexOf(CR, bytes.length - 2)) : lf;
  return bytes.subarray(0, last + 1);
}
