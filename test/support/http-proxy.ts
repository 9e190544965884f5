// A TCP proxy before a server that plays what a network can do to a client: connections break, answers are lost on their
// way, everything is cut after so many bytes, or nothing passes any more and nobody says so.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

export interface HttpProxy {
  /** Leads through the proxy. */
  readonly url: string;
  /** Connections that were broken as soon as they were there. */
  readonly refused: number;
  /** Breaks all connections, and others at once, until `heal`. */
  cut(): void;
  /** Breaks each connection when so many bytes of answers have passed on it, until `heal`. */
  cutAfter(bytes: number): void;
  /** The next answers never arrive: the server has done its work, and the connection breaks. */
  loseAnswers(count: number): void;
  /** Nothing passes any more, either way, and nobody is told. */
  silence(): void;
  heal(): void;
}

/** Opens a proxy that closes with the test. */
export async function openHttpProxy(t: TestContext, serverUrl: string): Promise<HttpProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  let silent = false;
  let limit = Number.POSITIVE_INFINITY;
  let losing = 0;
  let refused = 0;

  function answer(client: Socket, bytes: Buffer, before: number): void {
    if (losing > 0) {
      losing -= 1;
      client.destroy();
      return;
    }
    const rest = bytes.subarray(0, Math.max(0, limit - before));
    client.write(rest);
    if (rest.length < bytes.length) client.destroySoon();
  }

  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: Number(port), host: hostname, noDelay: true });
    let answered = 0;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroySoon();
        server.destroy();
      });
    }
    client.on("data", (bytes) => server.write(bytes));
    server.on("data", (bytes) => {
      if (client.writable) answer(client, bytes, answered);
      answered += bytes.length;
      if (client.writableNeedDrain) server.pause();
    });
    client.on("drain", () => !silent && server.resume());
    if (isCut) {
      refused += 1;
      client.destroy();
    }
    if (silent) for (const socket of [client, server]) socket.pause();
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get refused() {
      return refused;
    },
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    cutAfter: (bytes) => {
      limit = bytes;
    },
    loseAnswers: (count) => {
      losing = count;
    },
    silence() {
      silent = true;
      for (const socket of sockets) socket.pause();
    },
    heal() {
      isCut = false;
      silent = false;
      limit = Number.POSITIVE_INFINITY;
      for (const socket of sockets) socket.resume();
    },
  };
}
