// A TCP proxy before a PostgreSQL server that plays what a network can do to the server's answers: they come in pieces,
// or the one to a COMMIT never comes, so that the server has committed and the client does not hear of it; connections
// break, or nothing passes any more and nobody says so.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

export interface PostgresProxy {
  /** Leads through the proxy. */
  readonly url: string;
  /** From now on: the server's last word on each statement comes later than all that it said before. */
  dawdle(): void;
  /** From now on: swallows the server's "COMMIT", and all that follows it. Resolves when that was swallowed. */
  swallowCommit(): Promise<void>;
  /** Breaks all connections, and refuses others until `heal`. */
  cut(): void;
  /** Nothing passes any more, either way, and nobody is told; new connections hear nothing. */
  silence(): void;
  /** What was held back arrives, as TCP sees to. */
  heal(): void;
  /** From now on: names the session as a pooler does, by a number of its own. */
  poseAsPooler(): void;
}

/** What the server says when it has committed: the message `CommandComplete`. */
const COMMITTED = Buffer.from("C\0\0\0\x0bCOMMIT\0", "latin1");
/** Bytes of the message `ReadyForQuery`, which ends every answer. */
const READY_BYTES = 6;
/** How `BackendKeyData` begins; the number of the process follows. */
const SESSION_NAME = Buffer.from("K\0\0\0\x0c", "latin1");
/** Long enough for the client to have read what came before. */
const DAWDLE_MS = 30;

/** Opens a proxy that closes with the test. A client's connection closes when the server's does. */
export async function openPostgresProxy(t: Pick<TestContext, "after">, serverUrl: string): Promise<PostgresProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let swallowed: (() => void) | null = null;
  let cut = false;
  let dawdling = false;
  let isCut = false;
  let silent = false;
  let pooling = false;
  const pass = (answer: Buffer, client: Socket) => {
    if (swallowed && answer.includes(COMMITTED)) {
      cut = true;
      swallowed();
    }
    if (cut) return;
    const named = pooling ? answer.indexOf(SESSION_NAME) : -1;
    if (named >= 0) answer.writeUInt32BE(4_711, named + SESSION_NAME.length);
    if (!dawdling || answer.at(-READY_BYTES) !== "Z".charCodeAt(0)) {
      client.write(answer);
      return;
    }
    if (answer.length > READY_BYTES) client.write(answer.subarray(0, -READY_BYTES));
    setTimeout(() => client.write(answer.subarray(-READY_BYTES)), DAWDLE_MS);
  };
  const proxy = createServer({ noDelay: true }, (client) => {
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
    if (isCut) client.destroy();
    if (silent) for (const socket of [client, server]) socket.pause();
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
    dawdle: () => {
      dawdling = true;
    },
    swallowCommit: () =>
      new Promise((resolve) => {
        swallowed = resolve;
      }),
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    silence() {
      silent = true;
      for (const socket of sockets) socket.pause();
    },
    heal() {
      isCut = false;
      cut = false;
      swallowed = null;
      silent = false;
      for (const socket of sockets) socket.resume();
    },
    poseAsPooler: () => {
      pooling = true;
    },
  };
}
