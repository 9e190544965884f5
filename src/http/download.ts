// Sends stored bytes. Always as an attachment under a name that is data only: nothing of it is rendered here.
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { FileEntry } from "../ports/store.ts";
import { cleanMediaType } from "./upload.ts";

/** RFC 6266: a plain name for old readers, the exact one (RFC 8187) for the others. */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%/]/g, "_");
  const exact = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}

/** Sets the headers, and answers the bytes to send: none for a HEAD request. */
export function download(reply: FastifyReply, file: FileEntry, bytes: AsyncIterable<Uint8Array>): Readable {
  reply
    .type(cleanMediaType(file.mediaType))
    .header("content-disposition", attachment(file.name))
    .header("content-length", file.size)
    .header("etag", `"${file.sha256}"`);
  return Readable.from(reply.request.method === "HEAD" ? [] : bytes, { objectMode: false });
}
