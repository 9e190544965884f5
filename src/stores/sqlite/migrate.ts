// Brings a database to the present schema, one numbered migration a transaction.
// Invariant: the version changes in the transaction of the migration, so a crash in the middle leaves it repeatable.
import type { DatabaseSync } from "node:sqlite";
import { storeUnavailable } from "../../domain/errors.ts";
import { integerOf } from "../sql/rows.ts";
import { CREATE_JOBS } from "./migrations/0001-jobs.ts";
import { ADD_JOB_COLUMNS } from "./migrations/0002-job-columns.ts";
import { CREATE_QUEUES_AND_COUNTS } from "./migrations/0003-queues-and-counts.ts";
import { CREATE_MEMORY_AND_SCHEDULES } from "./migrations/0004-memory-and-schedules.ts";
import { CREATE_ACCESS } from "./migrations/0005-access.ts";
import { ADD_WORKER_QUEUES } from "./migrations/0006-worker-queues.ts";

/** In order. A published migration never changes; the next one is appended. */
export const MIGRATIONS: readonly string[] = [
  CREATE_JOBS,
  ADD_JOB_COLUMNS,
  CREATE_QUEUES_AND_COUNTS,
  CREATE_MEMORY_AND_SCHEDULES,
  CREATE_ACCESS,
  ADD_WORKER_QUEUES,
];

/** "Pawl" in the file's header: tells our databases from those of other programs. */
const APPLICATION_ID = 0x5061776c;

const readVersion = (db: DatabaseSync) => integerOf(db.prepare("PRAGMA user_version").get(), "user_version");

function refuseForeign(db: DatabaseSync, path: string): void {
  const tables = integerOf(db.prepare("SELECT count(*) AS tables FROM sqlite_schema").get(), "tables");
  const owner = integerOf(db.prepare("PRAGMA application_id").get(), "application_id");
  if (tables === 0 || owner === APPLICATION_ID) return;
  throw storeUnavailable(`The file "${path}" is the database of another program. Choose another path for Pawl's.`);
}

function apply(db: DatabaseSync, version: number, sql: string): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    if (readVersion(db) < version) {
      db.exec(sql);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version};`);
    }
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** Throws `store_unavailable` unless the database is as this program's owner of it would leave it. */
export function assertMigrated(db: DatabaseSync, path: string): void {
  refuseForeign(db, path);
  const version = readVersion(db);
  if (version === MIGRATIONS.length) return;
  const remedy =
    version < MIGRATIONS.length
      ? "Start the server with this program: that brings the database up to date."
      : "Use the command line of the newer program that made it.";
  throw storeUnavailable(
    `The database "${path}" has version ${version}, and this program needs version ${MIGRATIONS.length}. ${remedy}`,
  );
}

/**
 * Applies what is missing.
 * Throws `store_unavailable` for a database that a newer program made, or another program.
 */
export function migrate(db: DatabaseSync, path: string, migrations = MIGRATIONS): void {
  refuseForeign(db, path);
  const version = readVersion(db);
  if (version > migrations.length) {
    throw storeUnavailable(
      `The database "${path}" has version ${version}, and this program knows versions up to ${migrations.length}. ` +
        "Start the newer program again, or use another database.",
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index >= version) apply(db, index + 1, sql);
  }
}
