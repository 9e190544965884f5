// A server and a worker over one place: one process where the database belongs to one, two where it does not.
import type { Bench } from "./backend.ts";
import { type ChildServer, startChildServer } from "./child-server.ts";

export interface BenchFleet {
  readonly server: ChildServer;
  readonly worker: ChildServer;
}

/** Kills both when `use` is done. */
export function withFleet<T>(bench: Bench, use: (fleet: BenchFleet) => Promise<T>): Promise<T> {
  return bench.withPlace(async (place) => {
    const isShared = place.kind === "postgres";
    const server = await startChildServer(place, isShared ? "serve" : "all");
    const worker = isShared ? await startChildServer(place, "work") : server;
    try {
      return await use({ server, worker });
    } finally {
      await server.kill();
      if (isShared) await worker.kill();
    }
  });
}
