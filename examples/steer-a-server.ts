// A server, and a program that steers its jobs over HTTP with the client.
// Run it with `node examples/steer-a-server.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { createClient, type JobControl, PawlError } from "../src/client/index.ts";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createHttpServer } from "../src/http/index.ts";
import { createManager, csvRecords, defineJob, fileRef, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

const writeLetters = defineJob({
  type: "write-letters",
  input: z.strictObject({ file: fileRef() }),
  async run(job) {
    for await (const { fields } of job.iterate(csvRecords(job.input.file))) job.log.info(`Dear ${fields[0]}`);
    return { letters: job.progress.done };
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [writeLetters] });
const server = createHttpServer({ manager, port: 0 });
await manager.start();
const { url } = await server.listen();

const client = createClient({ url });

const { id: file } = await client.files.upload(new File(["name\nAda\nGrace\n"], "people.csv", { type: "text/csv" }));
const { id } = await client.submit({ type: "write-letters", input: { file } });
for await (const event of client.follow(id)) {
  if (event.kind === "log") for (const line of event.lines) console.log(line.message);
  if (event.kind === "job" && event.job.finishedAt !== null) console.log(event.job.state);
}

try {
  await client.pause(id);
} catch (error) {
  if (!(error instanceof PawlError)) throw error;
  console.log(error.code, error.extras.state);
}

async function holdBack(control: JobControl, queue: string): Promise<number> {
  const filter = { queue: [queue], state: ["queued" as const] };
  return (await control.bulk({ action: "pause", filter, reason: "out of paper" })).requested;
}

const letters = { type: "write-letters", input: { file }, queue: "letters", availableAt: "2100-01-01T00:00:00Z" };
await client.submitAll([letters, letters]);
console.log(await holdBack(client, "letters"), "held back over HTTP");
await client.submit(letters);
console.log(await holdBack(manager, "letters"), "held back in the server's own process");

await server.close();
await manager.stop();
await store.close();
await rm(directory, { recursive: true });
