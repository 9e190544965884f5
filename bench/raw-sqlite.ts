// What SQLite alone does on this machine: the same durability (WAL, FULL), no engine, one thread, plain rows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Raw } from "./raw.ts";

const PAYLOAD = JSON.stringify({ hello: "world", n: 1 });

/** Opens a database with one table of jobs in a folder of its own, and deletes it after `use`. */
function withDatabase<T>(use: (database: DatabaseSync) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "pawl-bench-raw-"));
  const database = new DatabaseSync(join(directory, "raw.db"));
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    database.exec("CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT NOT NULL, input TEXT NOT NULL)");
    database.exec("CREATE INDEX waiting ON jobs (id) WHERE state = 'queued'");
    return use(database);
  } finally {
    database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function transaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  work();
  database.exec("COMMIT");
}

function rawInserts(rows: number, size: number): number {
  return withDatabase((database) => {
    const insert = database.prepare("INSERT INTO jobs (state, input) VALUES ('queued', ?)");
    const start = performance.now();
    for (let done = 0; done < rows; done += size) {
      transaction(database, () => {
        for (let row = 0; row < size; row += 1) insert.run(PAYLOAD);
      });
    }
    return (rows * 1_000) / (performance.now() - start);
  });
}

function rawDrain(rows: number, size: number): number {
  return withDatabase((database) => {
    const insert = database.prepare("INSERT INTO jobs (state, input) VALUES ('queued', ?)");
    transaction(database, () => {
      for (let row = 0; row < rows; row += 1) insert.run(PAYLOAD);
    });
    const claim = database.prepare(
      "UPDATE jobs SET state = 'running' WHERE id IN (SELECT id FROM jobs WHERE state = 'queued' ORDER BY id LIMIT ?) RETURNING id, input",
    );
    const complete = database.prepare("UPDATE jobs SET state = 'succeeded' WHERE id = ?");
    const start = performance.now();
    for (let done = 0; done < rows; done += size) {
      let claimed: Record<string, unknown>[] = [];
      transaction(database, () => {
        claimed = claim.all(size);
      });
      transaction(database, () => {
        for (const row of claimed) complete.run(Number(row.id));
      });
    }
    return (rows * 1_000) / (performance.now() - start);
  });
}

function rawUpdates(transactions: number, jobs: number): number {
  return withDatabase((database) => {
    const insert = database.prepare("INSERT INTO jobs (state, input) VALUES ('running', ?)");
    for (let row = 0; row < jobs; row += 1) insert.run(PAYLOAD);
    const update = database.prepare("UPDATE jobs SET input = ? WHERE id = ?");
    const start = performance.now();
    for (let done = 0; done < transactions; done += 1) {
      transaction(database, () => {
        // A new value each time: SQLite writes nothing for a row that stays the same.
        for (let job = 1; job <= jobs; job += 1) update.run(`${PAYLOAD}${done}`, job);
      });
    }
    return (transactions * jobs * 1_000) / (performance.now() - start);
  });
}

export const raw: Raw = {
  inserts: async (rows, size) => rawInserts(rows, size),
  drain: async (rows, size) => rawDrain(rows, size),
  updates: async (transactions, jobs) => rawUpdates(transactions, jobs),
  commitMs: async (commits) => (1_000 * commits) / rawUpdates(500, 1),
};

export function sqliteVersion(): string {
  return withDatabase((database) => String(database.prepare("SELECT sqlite_version() AS version").get()?.version));
}
