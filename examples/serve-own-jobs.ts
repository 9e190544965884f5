// A server of one's own: one's job types, over Pawl's HTTP API.
// Run it with `node examples/serve-own-jobs.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createHttpServer } from "../src/http/index.ts";
import { createManager, defineJob, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

const greet = defineJob({
  type: "greet",
  input: z.strictObject({ name: z.string() }),
  run: async (job) => `Hello ${job.input.name}`,
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [greet] });
const server = createHttpServer({ manager, port: 0 });
await manager.start();
const { url } = await server.listen();

const submitted = await fetch(`${url}/api/v1/jobs`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ type: "greet", input: { name: "Ada" } }),
});
const { id } = (await submitted.json()) as { id: string };
const answer = await fetch(`${url}/api/v1/jobs/${id}?waitMs=30000`);
const { state, output } = (await answer.json()) as { state: string; output: string };
console.log(`${submitted.status} ${state}: ${output}`);

await server.close();
await manager.stop();
await store.close();
await rm(directory, { recursive: true });
