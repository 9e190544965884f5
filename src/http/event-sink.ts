// One open stream of server-sent events. It takes a frame only when the one before has left the process, so that a slow
// reader never fills the memory.
import type { FastifyReply } from "fastify";
import { EVENT_STREAM } from "../api/stream-operations.ts";

export interface EventSink {
  /** Whether the reader keeps up: write only then. */
  readonly ready: boolean;
  send(event: string, id: string, json: string): void;
  /** Keeps the connection open. Ends it when the reader has not read for several of these. */
  comment(): void;
  end(): void;
  onDrain(listener: () => void): void;
  onClose(listener: () => void): void;
}

/** A reader that has not read between this many comments is gone. */
const MISSED_COMMENTS_MAX = 4;

/** Takes `reply` over and begins the stream. */
export function openEventSink(reply: FastifyReply): EventSink {
  const { raw } = reply;
  let ready = true;
  let missed = 0;
  reply.hijack();
  raw.socket?.setTimeout(0);
  raw.socket?.setNoDelay(true);
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { "content-type": EVENT_STREAM, "x-accel-buffering": "no" });
  const write = (text: string) => {
    if (raw.writable) ready = raw.write(text) && ready;
  };
  write(": open\n\n");
  raw.on("drain", () => {
    ready = true;
    missed = 0;
  });
  raw.on("error", () => raw.destroy());
  return {
    get ready() {
      return ready && raw.writable;
    },
    send: (event, id, json) => write(`id: ${id}\nevent: ${event}\ndata: ${json}\n\n`),
    comment() {
      if (ready) write(": \n\n");
      else if (++missed >= MISSED_COMMENTS_MAX) raw.destroy();
    },
    end: () => void raw.end(),
    onDrain: (listener) => void raw.on("drain", listener),
    onClose: (listener) => void raw.on("close", listener),
  };
}
