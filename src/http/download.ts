// Sends stored bytes. Always as an attachment under a name that is data only: nothing of it is rendered here.
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { PawlError } from "../domain/errors.ts";
import type { OpenFile } from "../engine/manager.ts";
import { byteRangeOf } from "./byte-range.ts";
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

/** Types that no browser runs. Anything else is sent as plain bytes: a script must never come from this origin. */
const INERT =
  /^(?:text\/(?:plain|csv)|application\/(?:json|x-ndjson|pdf|zip|gzip|vnd\.apache\.parquet)|image\/(?:png|jpeg|gif|webp))$/;

function inertMediaType(type: string): string {
  const clean = cleanMediaType(type);
  return INERT.test(clean) ? clean : "application/octet-stream";
}

/** Sets the headers, and answers the bytes to send: the range that was asked for, and none for a HEAD request. */
export function download(reply: FastifyReply, { file, read }: OpenFile): Readable {
  const { request } = reply;
  const { size } = file;
  const etag = `"${file.sha256}"`;
  const range = byteRangeOf(request.headers, { size, etag });
  if (range === "beyond") {
    reply.header("content-range", `bytes */${size}`);
    throw new PawlError("range_not_satisfiable", `The file has ${size} bytes; ask for some of those.`);
  }
  const { start, end } = range ?? { start: 0, end: size };
  reply
    .code(range ? 206 : 200)
    .type(inertMediaType(file.mediaType))
    .header("content-disposition", attachment(file.name))
    .header("accept-ranges", "bytes")
    .header("content-length", end - start)
    .header("etag", etag);
  if (range) reply.header("content-range", `bytes ${start}-${end - 1}/${size}`);
  return Readable.from(request.method === "HEAD" ? [] : read({ start, end }), { objectMode: false });
}
