// Keeps a stream going: whoever follows it sees one sequence of frames, however often the connection breaks. It goes on
// after the last frame that was taken, so that nothing is missed that the server still knows of.
import type { PawlError } from "../domain/errors.ts";
import { type ClientClock, delay } from "./client-clock.ts";
import { type Frame, readFrames } from "./event-stream.ts";
import { foreignReply, fromNetwork } from "./failure.ts";
import { waitBefore } from "./send.ts";
import type { Outgoing, Transport } from "./transport.ts";

/** How a stream is connected, for a page to show. */
export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "open" }
  /** Broken; tried again after `retryInMs`. */
  | { readonly state: "waiting"; readonly retryInMs: number; readonly error: PawlError };

export interface StreamOptions {
  /** Ends the stream: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Hears of each change of the connection. */
  readonly onConnection?: (connection: Connection) => void;
}

export interface ReconnectServices {
  readonly transport: Transport;
  readonly clock: ClientClock;
}

/** How long the server may take to begin. */
const OPEN_WITHIN_MS = 20_000;
/** A connection that lasted this long was a good one: the next try comes soon. */
const GOOD_MS = 10_000;

/** Ends never by itself. Throws what trying again cannot mend: bad credentials, no such job, a bad filter. */
export async function* framesOf(
  { transport, clock }: ReconnectServices,
  outgoing: Outgoing,
  { signal, onConnection = () => {} }: StreamOptions,
): AsyncGenerator<Frame> {
  let lastId: string | null = null;
  for (let tries = 1; ; tries += 1) {
    onConnection({ state: "connecting" });
    const openedAt = clock.monotonic();
    const connection = await connect(transport, resumed(outgoing, lastId), signal);
    let failure = connection.ok ? null : connection.failure;
    if (connection.ok) {
      onConnection({ state: "open" });
      try {
        for await (const frame of readFrames(connection.value, clock)) {
          lastId = frame.id ?? lastId;
          yield frame;
        }
      } catch (error) {
        signal?.throwIfAborted();
        failure = fromNetwork(error, transport.origin);
      }
      if (clock.monotonic() - openedAt >= GOOD_MS) tries = 1;
    }
    failure ??= fromNetwork(new Error("the server ended the stream"), transport.origin);
    if (!failure.passing && failure.error.code !== "internal") throw failure.error;
    const retryInMs = waitBefore(failure, tries);
    onConnection({ state: "waiting", retryInMs, error: failure.error });
    await delay(clock, retryInMs, signal);
  }
}

const resumed = (outgoing: Outgoing, lastId: string | null): Outgoing =>
  lastId === null ? outgoing : { ...outgoing, headers: { ...outgoing.headers, "last-event-id": lastId } };

function connect(transport: Transport, outgoing: Outgoing, signal: AbortSignal | undefined) {
  const read = async (response: Response) => {
    if (response.body && response.headers.get("content-type")?.startsWith("text/event-stream")) return response.body;
    await response.body?.cancel();
    throw foreignReply(response.status, transport.origin);
  };
  return transport.try(outgoing, { read, withinMs: OPEN_WITHIN_MS, signal });
}
