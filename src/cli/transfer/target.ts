// A schema of PostgreSQL to move into. Its invariants: no server opens it from the first row until all is checked; and what
// anybody has worked with is never overwritten.
import { randomUUID } from "node:crypto";
import pg from "pg";
import { PawlError, storeUnavailable } from "../../domain/errors.ts";
import { createPostgresDataStore } from "../../jobs/data/postgres/data-store.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Logger } from "../../ports/logger.ts";
import { createDatabase, type Database, type Session, sessionName } from "../../stores/postgres/database.ts";
import { findOrCreateTable } from "../../stores/postgres/effects-table.ts";
import { createPostgresFiles } from "../../stores/postgres/file-store.ts";
import { bringUpToDate } from "../../stores/postgres/migrate.ts";
import { PAGES_OF_JOBS } from "../../stores/postgres/migrations/0001-jobs.ts";
import { SQL_STATE, sqlStateOf } from "../../stores/postgres/sql-state.ts";
import { integerOf, textOf } from "../../stores/sql/rows.ts";
import * as sql from "./statements.ts";
import { DATA_TABLES, JOB_TABLES, type MovedTable, TRACES } from "./tables.ts";

export interface TargetOptions {
  readonly url: string;
  readonly schema: string;
  readonly logger: Logger;
}

export interface Target {
  /** The schema of the store. */
  readonly jobs: Database;
  /** The schema of datasets and teams. */
  readonly data: Database;
  readonly files: FileStore;
}

const CONNECTIONS = 3;
/** None of our transactions stands still but the one that only holds the lock. */
const STANDSTILL_MS = 60_000;
const NAME = "pawl migrate";
const BESIDES: readonly string[] = ["file_bodies", "file_chunks", "count_changes"];

/** Opens the database; nothing is changed yet. Both close when `opening` is disposed. */
export function openTarget({ url, schema }: TargetOptions, opening: AsyncDisposableStack): Target {
  const open = (name: string) => {
    const options = { url, schema: name, name: NAME, connections: CONNECTIONS, standstillMs: STANDSTILL_MS };
    const database = createDatabase(options);
    opening.defer(() => database.close());
    return database;
  };
  const jobs = open(schema);
  const files = createPostgresFiles({ database: jobs, connections: 1, receiving: new Set() });
  return { jobs, data: open(dataSchema(schema)), files };
}

const dataSchema = (schema: string): string => `${schema}_data`;

/** Runs `work` while nobody else moves anything into the schema. */
export function alone<R>({ jobs }: Target, schema: string, work: () => Promise<R>): Promise<R> {
  return jobs.transaction(async (session) => {
    await session.execute(sql.beginAlone);
    await session.run(sql.lockTransfer, schema).catch((error: unknown) => {
      if (sqlStateOf(error) !== SQL_STATE.lockTimeout) throw error;
      throw storeUnavailable(`Another "pawl migrate" is filling the schema "${schema}" now. Wait until it ends.`);
    });
    return work();
  });
}

/** Makes both schemas, empty, and closes them to servers. Answers the id of the move. */
export async function begin(target: Target, options: TargetOptions, from: string): Promise<string> {
  const { jobs, data } = target;
  await makeDataSchema(options);
  const id = randomUUID();
  await jobs.transaction(async (session) => {
    await bringUpToDate(session, options.schema);
    await refuseUsers(session, options.schema);
    if ((await session.run(sql.transfer)).length === 0) await refuseFilled(session, data, options.schema);
    await session.run(sql.beginTransfer, id, from);
    await session.execute(sql.clear([...namesOf(JOB_TABLES), ...BESIDES]));
    await session.execute(PAGES_OF_JOBS);
  });
  await data.run(sql.clear(namesOf(DATA_TABLES)));
  return id;
}

const namesOf = (tables: readonly MovedTable[]): readonly string[] => tables.map(({ name }) => name);

/** As the first server would. */
async function makeDataSchema({ url, schema, logger }: TargetOptions): Promise<void> {
  const store = await createPostgresDataStore({ url, schema: dataSchema(schema), connections: 1, logger });
  await store.close();
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: NAME });
  pool.on("error", () => {});
  try {
    await findOrCreateTable(pool, dataSchema(schema));
  } finally {
    await pool.end();
  }
}

async function refuseUsers(session: Session, schema: string): Promise<void> {
  const [row] = await session.run(sql.users, sessionName(schema));
  const workers = integerOf(row, "workers");
  if (workers === 0 && integerOf(row, "sessions") === 0) return;
  throw storeUnavailable(
    `Servers or workers are using the schema "${schema}" now. Stop all of them, or move into another one with --schema.` +
      (workers === 0 ? "" : " One that died counts until its lease has ended."),
  );
}

async function refuseFilled(session: Session, data: Session, schema: string): Promise<void> {
  const names = namesOf(JOB_TABLES).filter((name) => !TRACES.includes(name));
  const found = [
    ...(await session.run(sql.filled(names))).map((row) => textOf(row, "name")),
    ...(await data.run(sql.filled(namesOf(DATA_TABLES)))).map((row) => textOf(row, "name")),
  ];
  if (found.length === 0) return;
  throw new PawlError(
    "name_taken",
    `The schema "${schema}" is in use: there is something in its tables ${found.join(", ")}, and nothing is overwritten. ` +
      "Move into another schema with --schema. Or, if nobody needs what is there, delete it: " +
      `DROP SCHEMA IF EXISTS "${schema}", "${dataSchema(schema)}" CASCADE;`,
  );
}

/** Opens the schema to servers. */
export async function end({ jobs, data }: Target, id: string): Promise<void> {
  for (const { name } of JOB_TABLES) await jobs.run(sql.analyze(name));
  for (const { name } of DATA_TABLES) await data.run(sql.analyze(name));
  if ((await jobs.run(sql.endTransfer, id)).length > 0) return;
  throw storeUnavailable("Another move has begun in the same schema meanwhile. Wait until it ends, or run this again.");
}
