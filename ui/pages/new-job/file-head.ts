// The beginning of a file: of one on this computer, or of one that the server keeps.
import { server } from "../../data/server.ts";

export interface FileHead {
  readonly name: string;
  readonly size: number;
  readonly bytes: Uint8Array;
  /** The file ends with these bytes. */
  readonly isWhole: boolean;
}

const HEAD_BYTES = 256 * 1024;

export async function localHead(file: File): Promise<FileHead> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  return { name: file.name, size: file.size, bytes, isWhole: bytes.length === file.size };
}

/** Reads no more than it has to. Rejects with `not_found` when the file is gone. */
export async function storedHead(id: string, signal: AbortSignal): Promise<FileHead> {
  const reply = await server.files.download(id, { signal });
  const bytes = new Uint8Array(HEAD_BYTES);
  let length = 0;
  const reader = reply.body?.getReader();
  while (reader && length < HEAD_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes.set(value.subarray(0, HEAD_BYTES - length), length);
    length += Math.min(value.length, HEAD_BYTES - length);
  }
  await reader?.cancel();
  const size = Number(reply.headers.get("content-length") ?? length);
  const name = nameIn(reply.headers.get("content-disposition") ?? "") ?? "file";
  return { name, size, bytes: bytes.subarray(0, length), isWhole: length >= size };
}

function nameIn(disposition: string): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  try {
    if (encoded !== undefined) return decodeURIComponent(encoded);
  } catch {
    // The plain name says it well enough.
  }
  return /filename="([^"]*)"/i.exec(disposition)?.[1] ?? null;
}
