// Machines that are processes of one host, each with a TCP proxy of its own before the database.
import { openPostgresProxy } from "../postgres-proxy.ts";
import { startPostgresServer } from "../postgres-server.ts";
import type { Ending, Machine, Site } from "./site.ts";

/** Starts a database, and a proxy for each name. All of it ends with `ending`. */
export async function openLoopbackSite(ending: Ending, names: readonly string[]): Promise<Site> {
  const database = await startPostgresServer();
  ending.after(() => database.stop());
  const machines: Machine[] = [];
  for (const name of names) {
    const proxy = await openPostgresProxy(ending, database.url);
    machines.push({
      name,
      databaseUrl: proxy.url,
      host: "127.0.0.1",
      prefix: [],
      partition: async () => proxy.silence(),
      heal: async () => proxy.heal(),
    });
  }
  return { databaseUrl: database.url, machines, restartDatabase: database.restart };
}
