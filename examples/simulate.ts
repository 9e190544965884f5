// Jobs in processes of their own: computing that holds up nobody, and a loop without an end that is stopped all the same.
// Run it with `node examples/simulate.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";
import { endless, simulate } from "./simulate-jobs.ts";

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [simulate, endless] });
await manager.start();

/** Asks for the job again and again, while its process computes. */
async function firstCheckpoint(id: string) {
  while (((await manager.get(id))?.checkpoint.seq ?? 0) === 0) await setTimeout(20);
}

const simulation = await manager.submit({ type: "simulate", input: { rounds: 4 } });
await firstCheckpoint(simulation.id);
await manager.pause(simulation.id);
const paused = await manager.waitUntil(simulation.id, "paused");
console.log(`simulate: ${paused.state} in attempt ${paused.attempt}`);
await manager.resume(simulation.id);
const done = await manager.waitUntil(simulation.id, "final");
console.log(`simulate: ${done.state} in attempt ${done.attempt}, ${JSON.stringify(done.output)}`);

const loop = await manager.submit({ type: "endless", input: {} });
await firstCheckpoint(loop.id);
await manager.cancel(loop.id);
console.log(`endless: ${(await manager.waitUntil(loop.id, "final")).state}`);

await manager.stop();
await store.close();
await rm(directory, { recursive: true });
