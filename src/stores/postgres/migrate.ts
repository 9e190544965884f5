// Brings a schema to the present version, in one transaction, however many processes start at once.
// Invariant: the version changes in the transaction of its migrations, so a crash in the middle leaves nothing.
import { storeUnavailable } from "../../domain/errors.ts";
import { integerOf, textOf } from "../sql/rows.ts";
import type { Database, Transaction } from "./database.ts";
import { CREATE_JOBS } from "./migrations/0001-jobs.ts";
import { CREATE_MEMORY_AND_SCHEDULES } from "./migrations/0002-memory-and-schedules.ts";
import { CREATE_ACCESS } from "./migrations/0003-access.ts";
import { CREATE_FILE_CHUNKS } from "./migrations/0004-file-chunks.ts";
import { CREATE_TRANSFER } from "./migrations/0005-transfer.ts";
import * as sql from "./queries/migrate.ts";

/** In order. A published migration never changes; the next one is appended. */
const MIGRATIONS: readonly string[] = [
  CREATE_JOBS,
  CREATE_MEMORY_AND_SCHEDULES,
  CREATE_ACCESS,
  CREATE_FILE_CHUNKS,
  CREATE_TRANSFER,
];

/**
 * Applies what is missing, and takes the schema into use. Answers the id that tells it from others of its name.
 * Throws `store_unavailable` for a schema that a newer program made, or that `pawl migrate` has not filled yet, and for a
 * database whose encoding is not UTF-8.
 */
export async function migrate(database: Database, schema: string, migrations = MIGRATIONS): Promise<string> {
  return database.transaction(async (session) => {
    await bringUpToDate(session, schema, migrations);
    await takeIntoUse(session, schema);
    const [row] = await session.run(sql.schemaId);
    return textOf(row, "id");
  });
}

/** Applies what is missing; nobody else does meanwhile, until the transaction ends. */
export async function bringUpToDate(session: Transaction, schema: string, migrations = MIGRATIONS): Promise<void> {
  await refuseOtherEncodings(session);
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
}

/** In any other a text of some language is an error when it is written, in the middle of a job. */
async function refuseOtherEncodings(session: Transaction): Promise<void> {
  const encoding = textOf((await session.run(sql.encoding))[0], "encoding");
  if (encoding === "UTF8") return;
  throw storeUnavailable(
    `The database's encoding is ${encoding}, in which not every text can be stored. Create one with ENCODING 'UTF8' ` +
      "TEMPLATE template0, and name that one.",
  );
}

async function takeIntoUse(session: Transaction, schema: string): Promise<void> {
  await session.run(sql.forgetTransfer);
  const [transfer] = await session.run(sql.transfer);
  if (transfer === undefined) return;
  throw storeUnavailable(
    `The schema "${schema}" does not hold everything yet: "pawl migrate" is filling it from ` +
      `${textOf(transfer, "source")}, or was interrupted. Wait until it ends, or run it again: it starts over.`,
  );
}

/** Whether any program has made the schema. */
export async function isMade(database: Database, schema: string): Promise<boolean> {
  const [row] = await database.run(sql.versionExists, schema);
  return row?.there === true;
}

async function versionOf(session: Transaction, schema: string): Promise<number> {
  const [schemaRow] = await session.run(sql.schemaExists, schema);
  if (schemaRow?.there !== true) await session.execute(sql.createSchema(schema));
  await session.run(sql.createVersion);
  const [row] = await session.run(sql.version);
  return row === undefined ? 0 : integerOf(row, "version");
}
