// Machines that are network namespaces: each has an address of its own and a cable to a switch, at which the database is.
// To be used inside of a network and a mount namespace that the caller has made, as root.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { startPostgresServer } from "../postgres-server.ts";
import type { Ending, Machine, Site } from "./site.ts";

const NETWORK = "10.77.0";
const SWITCH = "pawl0";

const ip = (...args: readonly string[]) => execFileSync("ip", args, { stdio: ["ignore", "inherit", "inherit"] });

/** Starts a database, and a machine for each name. All of it ends with `ending`. */
export async function openNamespaceSite(ending: Ending, names: readonly string[]): Promise<Site> {
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", "/run"]);
  ip("link", "set", "lo", "up");
  ip("link", "add", SWITCH, "type", "bridge");
  ip("addr", "add", `${NETWORK}.1/24`, "dev", SWITCH);
  ip("link", "set", SWITCH, "up");
  const database = await startPostgresServer();
  ending.after(() => database.stop());
  const port = await serveOnSwitch(ending, Number(new URL(database.url).port));
  const seen = new URL(database.url);
  seen.host = `${NETWORK}.1:${port}`;
  const machines = names.map((name, index) => addMachine({ name, number: index + 2, databaseUrl: seen.href }));
  return { databaseUrl: database.url, machines, restartDatabase: database.restart };
}

interface NewMachine {
  readonly name: string;
  readonly number: number;
  readonly databaseUrl: string;
}

function addMachine({ name, number, databaseUrl }: NewMachine): Machine {
  const space = `m${number}`;
  const plug = `plug${number}`;
  ip("netns", "add", space);
  ip("link", "add", plug, "type", "veth", "peer", "name", "eth0", "netns", space);
  ip("link", "set", plug, "master", SWITCH, "up");
  ip("-n", space, "link", "set", "lo", "up");
  ip("-n", space, "addr", "add", `${NETWORK}.${number}/24`, "dev", "eth0");
  ip("-n", space, "link", "set", "eth0", "up");
  return {
    name,
    databaseUrl,
    host: `${NETWORK}.${number}`,
    prefix: ["ip", "netns", "exec", space],
    // The far end of the cable is pulled: packets are lost, and nobody is told.
    partition: async () => void ip("link", "set", plug, "nomaster"),
    heal: async () => void ip("link", "set", plug, "master", SWITCH),
  };
}

/** The database listens on loopback: this leads there from the switch. */
async function serveOnSwitch(ending: Ending, databasePort: number): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, keepAlive: true }, (client) => {
    const upstream = connect({ port: databasePort, host: "127.0.0.1", noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  }).listen(0, `${NETWORK}.1`);
  await once(server, "listening");
  ending.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server has no port.");
  return address.port;
}
