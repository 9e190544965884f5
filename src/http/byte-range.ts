// Which bytes of a file a request asks for (RFC 9110, section 14). One range is served; what is malformed, or asks for
// several, gets the whole file, as the RFC allows.
import type { IncomingHttpHeaders } from "node:http";

/** `[start, end)`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const ONE_RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * The range of a request for `size` bytes with this `etag`: `null` for the whole file, `beyond` when it has no such bytes.
 *
 * @example
 * byteRangeOf({ range: "bytes=0-99" }, { size: 1000, etag: '"x"' }); // { start: 0, end: 100 }
 */
export function byteRangeOf(
  headers: Pick<IncomingHttpHeaders, "range"> & { readonly "if-range"?: string | string[] },
  { size, etag }: { readonly size: number; readonly etag: string },
): ByteRange | "beyond" | null {
  const [, first, last] = ONE_RANGE.exec(headers.range?.replaceAll(" ", "") ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return null;
  // Another version than the one that the caller has the beginning of.
  const condition = headers["if-range"];
  if (condition !== undefined && condition !== etag) return null;
  if (first === "")
    return Number(last) === 0 || size === 0 ? "beyond" : { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  if (last !== "" && Number(last) < start) return null;
  if (start >= size) return "beyond";
  return { start, end: last === "" ? size : Math.min(size, Number(last) + 1) };
}
