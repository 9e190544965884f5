// Bytes on their way into chunks. Its invariant: a chunk that was asked for stays as it is until it is dropped, whatever is
// added meanwhile.

export interface ChunkBuffer {
  readonly length: number;
  /** Copies them: the caller may use its array again. */
  add(bytes: Uint8Array): void;
  /** The next bytes to write, as one chunk: when it is full, or with `all` whatever there is. Empty when there is none. */
  next(options: { readonly all: boolean }): Buffer;
  /** Forgets `chunk`, which `next` gave. */
  drop(chunk: Buffer): void;
}

interface Block {
  readonly bytes: Buffer;
  /** What lies before was written. */
  from: number;
  to: number;
}

const NONE = Buffer.alloc(0);

/** Creates a buffer for chunks of at most `chunkBytes`. */
export function createChunkBuffer(chunkBytes: number): ChunkBuffer {
  const blocks: Block[] = [];
  let length = 0;
  const lastBlock = (): Block => {
    const last = blocks.at(-1);
    if (last && last.to < chunkBytes) return last;
    const block = { bytes: Buffer.allocUnsafeSlow(chunkBytes), from: 0, to: 0 };
    blocks.push(block);
    return block;
  };
  return {
    get length() {
      return length;
    },
    add(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const block = lastBlock();
        const piece = bytes.subarray(at, at + chunkBytes - block.to);
        block.bytes.set(piece, block.to);
        block.to += piece.length;
        at += piece.length;
      }
      length += bytes.length;
    },
    next({ all }) {
      const [block] = blocks;
      if (!block || !(all || block.to === chunkBytes)) return NONE;
      return block.bytes.subarray(block.from, block.to);
    },
    drop(chunk) {
      const [block] = blocks;
      if (!block) return;
      block.from += chunk.length;
      length -= chunk.length;
      if (block.from === block.to) blocks.shift();
    },
  };
}
