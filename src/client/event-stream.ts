// Reads a stream of server-sent events, frame by frame, as they are asked for: what is not asked for waits in the
// connection. A stream that stays silent is taken for dead.
import type { ClientClock } from "./client-clock.ts";

export interface Frame {
  readonly event: string;
  /** What a reader that comes back hands to the server. */
  readonly id: string | null;
  readonly data: string;
}

/** Sooner than this something comes, be it a comment: the server writes one every 15 s. */
const SILENCE_MS = 40_000;

/** Ends when the server ends the stream; throws when the connection breaks, or says nothing for too long. */
export async function* readFrames(body: ReadableStream<Uint8Array>, clock: ClientClock): AsyncGenerator<Frame> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = createParser();
  try {
    for (;;) {
      const { value, done } = await within(clock, reader.read());
      if (done) return;
      yield* parser(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Also where the caller has stopped in the middle: the connection goes with it.
    reader.cancel().catch(() => {});
  }
}

function within<T>(clock: ClientClock, read: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(SILENCE_MS, () => reject(new Error(`the stream was silent for ${SILENCE_MS} ms`)));
    read.then(resolve, reject).finally(cancel);
  });
}

/** Takes text as it comes, in whatever pieces, and answers the frames that are complete. */
export function createParser(): (text: string) => Frame[] {
  let rest = "";
  let event = "";
  let id: string | null = null;
  let data: string[] = [];

  function takeLine(line: string): Frame | null {
    if (line === "") return dispatch();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") event = value;
    // It goes into a header when the stream is taken up again: what no header can hold would keep it from that for ever.
    if (name === "id" && /^[\x20-\x7e]*$/.test(value)) id = value;
    if (name === "data") data.push(value);
    return null;
  }

  function dispatch(): Frame | null {
    const frame = data.length === 0 ? null : { event, id, data: data.join("\n") };
    event = "";
    data = [];
    return frame;
  }

  return (text) => {
    // The last piece may go on, and a CR at its end may be half of a line's end.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    return lines.map(takeLine).filter((frame) => frame !== null);
  };
}
