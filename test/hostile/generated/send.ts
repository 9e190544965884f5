// Puts a generated request on the wire and reads the reply. Streams are left after their first bytes, and waits that are
// long are not waited for.
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { GeneratedBody, GeneratedRequest } from "./requests.ts";

/** A request as it was sent. */
export interface SentRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export interface GeneratedReply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The reply goes on: what was read is its beginning. */
  readonly open: boolean;
}

export interface Sender {
  /** `null`: it waits, as it was asked to. Rejects when the server hangs or hangs up. */
  send(request: SentRequest): Promise<GeneratedReply | null>;
  close(): void;
}

/** Long enough for anything but a wait that was asked for. */
const HANG_MS = 30_000;
const WAIT_MS = 100;
const ASKS_TO_WAIT = /[?&](?:waitMs|until)=/;

export function createSender(url: string): Sender {
  const { port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    send({ method, target, headers, body }) {
      const { promise, resolve, reject } = Promise.withResolvers<GeneratedReply | null>();
      const sent = httpRequest({ host: "127.0.0.1", port, agent, method, path: target, headers });
      const waits = ASKS_TO_WAIT.test(target);
      const timer = setTimeout(
        () => {
          if (waits) resolve(null);
          else reject(new Error("The server does not answer."));
          sent.destroy();
        },
        waits ? WAIT_MS : HANG_MS,
      );
      sent.on("error", reject);
      sent.on("response", (response) => {
        read(response).then(resolve, reject);
      });
      sent.end(body ?? undefined);
      return promise.finally(() => clearTimeout(timer));
    },
    close: () => agent.destroy(),
  };
}

async function read(response: IncomingMessage): Promise<GeneratedReply> {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  const endless = headers["content-type"] === "text/event-stream";
  for await (const chunk of response) {
    chunks.push(chunk);
    // Leaving the loop ends the connection.
    if (endless) break;
  }
  return { status, headers, body: Buffer.concat(chunks).toString(), open: endless };
}

/** Fills in what is meant by the marks of a request, and encodes it. */
export function toWire(request: GeneratedRequest, fill: (text: string) => string, host: string): SentRequest {
  const { operation, params, query } = request;
  const path = operation.path.replaceAll(
    /\{(\w+)\}/g,
    (_all, name: string) => encoded(fill(params[name] ?? "")) || "_",
  );
  const pairs = query.map(([name, value]) => `${encoded(fill(name))}=${encoded(fill(value))}`);
  const { body, type } = request.body ? bodyOf(request.body, fill) : { body: null, type: null };
  const own = {
    host,
    ...(type !== null && { "content-type": type }),
    ...(body !== null && { "content-length": String(body.length) }),
  };
  const headers = { ...own, ...lowered(request.headers, fill) };
  return { method: operation.method, target: pairs.length > 0 ? `${path}?${pairs.join("&")}` : path, headers, body };
}

const encoded = (text: string) => encodeURIComponent(text.toWellFormed());

const lowered = (headers: Readonly<Record<string, string>>, fill: (text: string) => string) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), fill(value)]));

const BOUNDARY = "generated-boundary";

function bodyOf(body: GeneratedBody, fill: (text: string) => string): { readonly body: Buffer; readonly type: string } {
  switch (body.kind) {
    case "json":
      return { body: Buffer.from(fill(JSON.stringify(body.value) ?? "")), type: "application/json" };
    case "bytes":
      return { body: Buffer.from(body.text), type: body.type };
    case "form": {
      const parts = body.parts.map(({ name, fileName, text }) => {
        const file = fileName === null ? "" : `; filename="${fileName}"`;
        return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${fill(text)}\r\n`;
      });
      return {
        body: Buffer.from(`${parts.join("")}--${BOUNDARY}--\r\n`),
        type: `multipart/form-data; boundary=${BOUNDARY}`,
      };
    }
  }
}
