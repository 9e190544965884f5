// Reads a stream of server-sent events, frame by frame.
import type { TestContext } from "node:test";

export interface Frame {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

export interface EventReader {
  readonly status: number;
  readonly headers: Headers;
  /** The next frame, or `null` when the server has ended the stream. */
  next(): Promise<Frame | null>;
  /** The next frame of this kind. Throws when the stream ends before it. */
  nextOf<T>(event: string): Promise<Frame & { readonly data: T }>;
  /** The next comment. */
  comment(): Promise<string>;
  close(): void;
}

/** Opens a stream that closes with the test. */
export async function readEvents(
  t: TestContext,
  url: string,
  headers: Record<string, string> = {},
): Promise<EventReader> {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const response = await fetch(url, { headers, signal: abort.signal });
  const blocks = blocksOf(response);

  async function block(wanted: (text: string) => boolean): Promise<string | null> {
    for (;;) {
      const { value, done } = await blocks.next();
      if (done) return null;
      if (wanted(value)) return value;
    }
  }

  const next = async () => {
    const text = await block((candidate) => !candidate.startsWith(":"));
    return text === null ? null : parse(text);
  };

  return {
    status: response.status,
    headers: response.headers,
    next,
    async nextOf<T>(event: string) {
      for (;;) {
        const frame = await next();
        if (!frame) throw new Error(`The stream ended before a frame "${event}".`);
        if (frame.event === event) return { ...frame, data: frame.data as T };
      }
    },
    comment: async () => (await block((candidate) => candidate.startsWith(":"))) ?? "",
    close: () => abort.abort(),
  };
}

async function* blocksOf(response: Response): AsyncGenerator<string, void> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 2);
    }
  }
}

function parse(text: string): Frame {
  const fields = new Map(
    text.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  return {
    event: fields.get("event") ?? "",
    id: fields.get("id") ?? "",
    data: JSON.parse(fields.get("data") ?? "null"),
  };
}
