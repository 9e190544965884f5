// A loop inside a loop over two tables of your own: every user of every account gets one message, although the job is
// paused in the middle of an account. Run it with `node examples/nested-loops.ts`; it works in a folder that it makes and deletes.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { createManager, defineJob, pagedRecords, systemClock } from "../src/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

const directory = await mkdtemp(join(tmpdir(), "pawl-example-"));
const database = new DatabaseSync(join(directory, "crm.db"));
database.exec(`
  CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE user (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, name TEXT NOT NULL);
  CREATE INDEX user_by_account ON user (account_id, id);
  INSERT INTO account VALUES (1, 'Acme'), (2, 'Bakers'), (3, 'Chandlers');
  INSERT INTO user VALUES (1, 1, 'Ada'), (2, 2, 'Bob'), (3, 2, 'Cleo'), (4, 2, 'Dora'), (5, 1, 'Eve'), (6, 3, 'Finn')`);

const accountPage = database.prepare("SELECT id, name FROM account WHERE id > ? ORDER BY id LIMIT ?");
const accountCount = database.prepare("SELECT count(*) AS count FROM account");
const userPage = database.prepare("SELECT id, name FROM user WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?");

const row = z.object({ id: z.number(), name: z.string() });

const accounts = pagedRecords({
  fetch: (after, limit) => row.array().parse(accountPage.all(Number(after ?? 0), limit)),
  cursorOf: (account) => account.id,
  total: () => Number(accountCount.get()?.count),
});

const usersOf = (accountId: number) =>
  pagedRecords({
    fetch: (after, limit) => row.array().parse(userPage.all(accountId, Number(after ?? 0), limit)),
    cursorOf: (user) => user.id,
  });

/** Stands for a mail server. It takes its time with Cleo's message: somebody pauses the job meanwhile. */
const slow = Promise.withResolvers<void>();
async function send(message: string, signal: AbortSignal): Promise<void> {
  console.log(message);
  if (!message.includes("Cleo")) return;
  slow.resolve();
  await once(signal, "abort");
}

const tellUsers = defineJob({
  type: "tell-users",
  input: z.strictObject({}),
  async run(job) {
    for await (const account of job.iterate(accounts, { name: "accounts" })) {
      for await (const user of job.iterate(usersOf(account.id), { name: "users", every: 1, ratePerSecond: 100 })) {
        await send(`to ${user.name} of ${account.name}`, job.signal);
      }
    }
  },
});

const store = await createSqliteStore({ path: join(directory, "pawl.db"), clock: systemClock });
const fileStore = createDirectoryFileStore({ directory: join(directory, "files") });
const manager = createManager({ store, fileStore, jobs: [tellUsers] });
await manager.start();

const { id } = await manager.submit({ type: "tell-users", input: {} });
await slow.promise;
await manager.pause(id);
const paused = await manager.waitUntil(id, "paused");
console.log(`${paused.state}: ${paused.progress.done} of ${paused.progress.total} accounts`);

await manager.resume(id);
const done = await manager.waitUntil(id, "final");
console.log(`${done.state}: ${done.progress.done} of ${done.progress.total} accounts`);

await manager.stop();
await store.close();
database.close();
await rm(directory, { recursive: true });
