// Brings a schema to the present version, in one transaction, however many processes start at once.
// Invariant: the version changes in the transaction of its migrations, so a crash in the middle leaves nothing.
import { storeUnavailable } from "../../domain/errors.ts";
import { integerOf } from "../sql/rows.ts";
import type { Database, Transaction } from "./database.ts";
import { CREATE_JOBS } from "./migrations/0001-jobs.ts";
import { CREATE_MEMORY_AND_SCHEDULES } from "./migrations/0002-memory-and-schedules.ts";
import { CREATE_ACCESS } from "./migrations/0003-access.ts";
import { CREATE_FILE_CHUNKS } from "./migrations/0004-file-chunks.ts";
import * as sql from "./queries/migrate.ts";

/** In order. A published migration never changes; the next one is appended. */
const MIGRATIONS: readonly string[] = [CREATE_JOBS, CREATE_MEMORY_AND_SCHEDULES, CREATE_ACCESS, CREATE_FILE_CHUNKS];

/**
 * Applies what is missing.
 * Throws `store_unavailable` for a schema that a newer program made.
 */
export async function migrate(database: Database, schema: string, migrations = MIGRATIONS): Promise<void> {
  await database.transaction(async (session) => {
    await session.run(sql.lockMigration, schema);
    const version = await versionOf(session, schema);
    if (version > migrations.length) {
      throw storeUnavailable(
        `The schema "${schema}" has version ${version}, and this program knows versions up to ${migrations.length}. ` +
          "Start the newer program again, or use another schema.",
      );
    }
    for (const migration of migrations.slice(version)) await session.execute(migration);
    await session.run(sql.setVersion, migrations.length);
  });
}

async function versionOf(session: Transaction, schema: string): Promise<number> {
  const [schemaRow] = await session.run(sql.schemaExists, schema);
  if (schemaRow?.there !== true) await session.execute(sql.createSchema(schema));
  await session.run(sql.createVersion);
  const [row] = await session.run(sql.version);
  return row === undefined ? 0 : integerOf(row, "version");
}
