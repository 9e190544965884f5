// What connections may take of the server: how many requests one may send ahead of its replies, and how many bytes of replies
// may wait for readers that do not read. Without these bounds a few megabytes of requests fill the memory with replies.
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { PawlError } from "../domain/errors.ts";

export interface Connections {
  /** Counts a request until it is answered. Answers `false` when its connection had to be cut off. */
  enter(request: FastifyRequest, reply: FastifyReply): boolean;
  /** Counts a reply until it was taken. Answers why it cannot be sent, when too much waits already. */
  send(reply: FastifyReply, payload: unknown): PawlError | null;
}

/** Requests of one connection that wait for their answer. Browsers send one at a time, and hardly any program more. */
const AHEAD_MAX = 8;
/** Bytes of all replies that wait for their readers; a small reply goes out in any case. */
const WAITING_MAX_BYTES = 256 * 1024 * 1024;
const SMALL_BYTES = 16 * 1024;

export function createConnections(): Connections {
  const ahead = new WeakMap<Socket, number>();
  let waitingBytes = 0;
  return {
    enter({ raw: { socket } }, { raw }) {
      const before = ahead.get(socket) ?? 0;
      if (before >= AHEAD_MAX) {
        socket.destroy();
        return false;
      }
      ahead.set(socket, before + 1);
      raw.once("close", () => ahead.set(socket, (ahead.get(socket) ?? 1) - 1));
      return true;
    },
    send({ raw }, payload) {
      const bytes = typeof payload === "string" || payload instanceof Uint8Array ? payload.length : 0;
      if (bytes <= SMALL_BYTES) return null;
      if (waitingBytes + bytes > WAITING_MAX_BYTES) {
        return new PawlError("rate_limited", "Too many replies wait for readers that do not read. Try again later.");
      }
      waitingBytes += bytes;
      raw.once("close", () => {
        waitingBytes -= bytes;
      });
      return null;
    },
  };
}
