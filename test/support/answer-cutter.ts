// A TCP proxy before a PostgreSQL server that lets everything through, until it is asked to swallow the answer to the next
// COMMIT: the server has committed then, and the client never hears of it.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

export interface AnswerCutter {
  /** Leads through the proxy. */
  readonly url: string;
  /** From now on: swallows the server's "COMMIT", and all that follows it. Resolves when that was swallowed. */
  swallowCommit(): Promise<void>;
}

/** What the server says when it has committed: the message `CommandComplete`. */
const COMMITTED = Buffer.from("C\0\0\0\x0bCOMMIT\0", "latin1");

/** Opens a proxy that closes with the test. The client closes when the server does. */
export async function openAnswerCutter(t: TestContext, serverUrl: string): Promise<AnswerCutter> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let swallowed: (() => void) | null = null;
  let cut = false;
  const pass = (answer: Buffer, client: Socket) => {
    if (swallowed && answer.includes(COMMITTED)) {
      cut = true;
      swallowed();
    }
    if (!cut) client.write(answer);
  };
  const proxy = createServer((client) => {
    const server = connect(Number(port || 5432), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (question) => server.write(question));
    server.on("data", (answer) => pass(answer, client));
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server has no port.");
  const url = new URL(serverUrl);
  url.hostname = "127.0.0.1";
  url.port = String(address.port);
  return {
    url: url.href,
    swallowCommit: () =>
      new Promise((resolve) => {
        swallowed = resolve;
      }),
  };
}
