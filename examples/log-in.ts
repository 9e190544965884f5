// Secrets: an input with a password that the handler gets and nobody else sees.
// Run it with `node examples/log-in.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, PermanentError, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

const logIn = defineJob({
  type: "log-in",
  input: z.strictObject({
    user: z.string(),
    auth: z.strictObject({ password: z.string() }),
  }),
  secret: ["auth.password"],
  async run(job) {
    const { user, auth } = job.input;
    job.log.info(`trying ${user}:${auth.password}`);
    throw new PermanentError(`401 for https://${user}:${auth.password}@example.org/`, { code: "refused" });
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [logIn] });
await manager.start();

const { id } = await manager.submit({ type: "log-in", input: { user: "ada", auth: { password: "hunter22" } } });
const job = await manager.waitUntil(id, "final");
console.log(`input: ${JSON.stringify(job.input)}`);
console.log(`log:   ${(await manager.logs(id))[0]?.message}`);
console.log(`error: ${job.error?.message}`);

await manager.stop();
await store.close();
await rm(directory, { recursive: true });
