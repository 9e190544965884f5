// A job type of your own, from its definition to its rollback: contacts from a CSV file into a table of your database.
// Run it with `node examples/import-contacts.ts`; it works in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, csvRecords, defineJob, fileRef, PermanentError, systemClock } from "../src/index.ts";
import { createSqliteStore, sqliteTarget } from "../src/stores/sqlite/index.ts";

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));

const database = new DatabaseSync(join(directory, "crm.db"));
database.exec("CREATE TABLE contacts (name TEXT NOT NULL, email TEXT NOT NULL, imported_by TEXT NOT NULL)");
const crm = sqliteTarget(database);

const importContacts = defineJob({
  type: "import-contacts",
  input: z.strictObject({ file: fileRef() }),
  exclusive: () => "contacts",
  async run(job) {
    const records = csvRecords(job.input.file);
    for await (const batch of job.iterate(records, { size: 500, target: crm, ratePerSecond: 20_000 })) {
      await batch.commit(crm, (tx) => {
        const insert = tx.prepare("INSERT INTO contacts (name, email, imported_by) VALUES (?, ?, ?)");
        for (const { line, fields } of batch.items) {
          const [name = "", email = ""] = fields;
          if (!email.includes("@")) throw new PermanentError(`Line ${line}: "${email}" is no e-mail address.`);
          insert.run(name, email, job.id);
        }
      });
    }
    return { imported: job.progress.done };
  },
  async rollback(job) {
    await job.effects(crm, (tx) => tx.prepare("DELETE FROM contacts WHERE imported_by = ?").run(job.id));
  },
});

const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [importContacts] });
await manager.start();

async function* csv() {
  yield Buffer.from("name,email\n");
  for (let n = 1; n <= 20_000; n += 1) yield Buffer.from(`Person ${n},person${n}@example.org\n`);
}
const upload = { name: "contacts.csv", mediaType: "text/csv", maxBytes: 10_000_000 };
const file = await manager.files.upload(csv(), upload);

const { id } = await manager.submit({ type: "import-contacts", input: { file: file.id } });
await setTimeout(300);
await manager.pause(id, { actor: "dana", reason: "is this the right file?" });
const paused = await manager.waitUntil(id, "paused");
console.log(`${paused.state}: ${paused.progress.done} of ${paused.progress.total} contacts`);

await manager.resume(id, { actor: "dana" });
const done = await manager.waitUntil(id, "final");
console.log(`${done.state}: ${done.progress.done} contacts`);

await manager.rollback(id, { actor: "dana", reason: "it was not" });
const undone = await manager.waitUntil(id, "final");
const left = database.prepare("SELECT count(*) AS count FROM contacts").get()?.count;
console.log(`${undone.state}: ${left} contacts`);

await manager.stop();
await store.close();
database.close();
await rm(directory, { recursive: true });
