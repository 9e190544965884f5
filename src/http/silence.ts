// Requests whose answer may take long: while they are worked on, their connection may be silent.
import type { FastifyRequest } from "fastify";

/** What a connection may be silent otherwise, in ms: a stalled sender or reader is let go after this long. */
export const IDLE_MS = 60_000;

/** Runs `work` with the connection's idle timer off. */
export async function allowSilence<T>({ raw }: FastifyRequest, work: () => Promise<T>): Promise<T> {
  raw.socket.setTimeout(0);
  try {
    return await work();
  } finally {
    raw.socket.setTimeout(IDLE_MS);
  }
}
