// Exactly once into a PostgreSQL database of your own: contacts from a CSV file, paused, resumed and undone.
// Run it with `DATABASE_URL=postgres://localhost/crm node examples/import-into-postgres.ts`. In that database it works in
// a schema `pawl_example`, which it drops at the end; Pawl's own files are in a folder that it makes and deletes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Pool } from "pg";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, csvRecords, defineJob, fileRef, systemClock } from "../src/index.ts";
import { postgresTarget } from "../src/stores/postgres/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
pool.on("error", (error) => console.error(`An idle connection broke: ${error.message}`));
const crm = postgresTarget(pool, { schema: "pawl_example" });

await pool.query(`
  DROP SCHEMA IF EXISTS pawl_example CASCADE;
  CREATE SCHEMA pawl_example;
  CREATE TABLE pawl_example.contacts (name text NOT NULL, email text NOT NULL UNIQUE, imported_by text NOT NULL)`);

const importContacts = defineJob({
  type: "import-contacts",
  input: z.strictObject({ file: fileRef() }),
  async run(job) {
    const records = csvRecords(job.input.file);
    for await (const batch of job.iterate(records, { size: 500, target: crm, ratePerSecond: 20_000 })) {
      const names = batch.items.map(({ fields }) => fields[0]);
      const emails = batch.items.map(({ fields }) => fields[1]);
      await batch.commit(crm, async (tx) => {
        await tx.query(
          "INSERT INTO pawl_example.contacts SELECT name, email, $3 FROM unnest($1::text[], $2::text[]) AS row (name, email)",
          [names, emails, job.id],
        );
      });
    }
    return { imported: job.progress.done };
  },
  async rollback(job) {
    await job.effects(crm, (tx) => tx.query("DELETE FROM pawl_example.contacts WHERE imported_by = $1", [job.id]));
  },
});

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
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

async function countContacts() {
  const { rows } = await pool.query("SELECT count(*)::int AS count FROM pawl_example.contacts");
  return rows[0].count;
}

const { id } = await manager.submit({ type: "import-contacts", input: { file: file.id } });
await setTimeout(300);
await manager.pause(id, { actor: "dana", reason: "is this the right file?" });
const paused = await manager.waitUntil(id, "paused");
console.log(`${paused.state}: ${paused.progress.done} of ${paused.progress.total}, ${await countContacts()} contacts`);

await manager.resume(id, { actor: "dana" });
const done = await manager.waitUntil(id, "final");
console.log(`${done.state}: ${done.progress.done} of ${done.progress.total}, ${await countContacts()} contacts`);

await manager.rollback(id, { actor: "dana", reason: "it was not" });
const undone = await manager.waitUntil(id, "final");
console.log(`${undone.state}: ${await countContacts()} contacts`);

await manager.stop();
await store.close();
await pool.query("DROP SCHEMA pawl_example CASCADE");
await pool.end();
await rm(directory, { recursive: true });
