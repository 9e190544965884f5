// Requests as bytes, and replies as what came back: for requests that no client library would send.
import { connect } from "node:net";

/** One reply, cut out of what came back. */
export interface WireReply {
  readonly status: number;
  /** Names in lower case; a repeated header's values are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Head and body as they came, byte by byte. */
  readonly text: string;
}

export interface Exchange {
  /** All replies, in order. */
  readonly replies: readonly WireReply[];
  /** What came after the last whole reply. */
  readonly rest: string;
  /** Whether the server ended the connection; else it was still open when nobody waited any longer. */
  readonly closed: boolean;
}

export interface ExchangeOptions {
  /** Ends a hang: the connection is given up after this long. */
  readonly withinMs?: number;
  /** Replies to a HEAD request announce a body that does not come. */
  readonly head?: boolean;
  /** Hang up as soon as this many replies are there. */
  readonly enough?: number;
  /** Hang up as soon as everything is sent, without waiting for an answer. */
  readonly breakOff?: boolean;
}

const WITHIN_MS = 20_000;

/** Sends `bytes` over a connection of their own, and answers what comes back until the server closes it. */
export function exchange(url: string, bytes: Buffer, options: ExchangeOptions = {}): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const chunks: Buffer[] = [];
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let closed = true;
  const hangUp = () => {
    closed = false;
    socket.destroy();
  };
  const timer = setTimeout(hangUp, options.withinMs ?? WITHIN_MS);
  socket.write(bytes, () => {
    if (options.breakOff) hangUp();
  });
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    if (options.enough && cutReplies(Buffer.concat(chunks), options).replies.length >= options.enough) hangUp();
  });
  // A server that refuses while the request still arrives may reset the connection; what came before counts.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearTimeout(timer);
    resolve({ ...cutReplies(Buffer.concat(chunks), options), closed });
  });
  return promise;
}

function cutReplies(all: Buffer, { head = false }: ExchangeOptions): Omit<Exchange, "closed"> {
  const replies: WireReply[] = [];
  let rest = all;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) break;
    const [statusLine = "", ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
    const headers = headersOf(lines);
    const start = end + 4;
    const length = head ? 0 : bodyLength(rest, start, headers);
    if (rest.length < start + length) break;
    const body = rest.subarray(start, start + length);
    const chunked = !head && headers.get("transfer-encoding") === "chunked";
    replies.push({
      status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? 0),
      headers,
      body: (chunked ? unchunk(body) : body).toString(),
      text: rest.subarray(0, start + length).toString("latin1"),
    });
    rest = rest.subarray(start + length);
  }
  return { replies, rest: rest.toString("latin1") };
}

function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function bodyLength(bytes: Buffer, start: number, headers: ReadonlyMap<string, string>): number {
  if (headers.get("transfer-encoding") === "chunked") {
    const end = bytes.indexOf("0\r\n\r\n", start);
    return end < 0 ? Number.POSITIVE_INFINITY : end + 5 - start;
  }
  return Number(headers.get("content-length") ?? 0);
}

function unchunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString("latin1"), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
