// Opens what a database knows of access, whether a server runs on it or not. As a guest where that is possible: a
// server that is started at this moment must not find its database owned by somebody who only lists tokens.
import { PawlError } from "../domain/errors.ts";
import { systemClock } from "../engine/system-clock.ts";
import type { AuditStore, TokenStore } from "../ports/access-store.ts";
import { openSqliteAccess, type SqliteAccess } from "../stores/sqlite/guest.ts";
import { createSqliteStore } from "../stores/sqlite/index.ts";
import type { Config } from "./config.ts";
import { databaseExists, prepareFolder } from "./data-folder.ts";
import { placeText } from "./database-place.ts";
import { explainPostgres } from "./start-problem.ts";

export interface OpenAccess extends AsyncDisposable {
  readonly tokens: TokenStore;
  readonly audit: AuditStore;
  /** Whether there was no database yet. */
  readonly isNew: boolean;
}

type Options = Pick<Config, "data" | "database" | "schema">;

interface Missing {
  /** Whether a folder, database or schema that is missing is made, as `pawl serve` would make it. */
  readonly create: boolean;
}

/** Rejects with `not_found` (no database, without `create`), `invalid_config`, `storage_full` or `store_unavailable`. */
export async function openAccess(config: Options, missing: Missing): Promise<OpenAccess> {
  const { database } = config;
  switch (database.kind) {
    case "sqlite":
      return openFile(database.path, config.data, missing);
    case "postgres":
      return openSchema(database.url, config, missing);
  }
}

async function openSchema(url: string, { database, schema }: Options, { create }: Missing): Promise<OpenAccess> {
  const { openPostgresAccess } = await import("../stores/postgres/guest.ts");
  const access = await openPostgresAccess({ url, schema, create }).catch((error: unknown) => {
    throw explainPostgres(error, url, "--database");
  });
  if (access) return disposable(access);
  throw new PawlError(
    "not_found",
    `There is no schema ${schema} in ${placeText(database)}: no server has run there, and no token was made. Name the right database with --database, and the schema with --schema.`,
  );
}

async function openFile(file: string, folder: string, { create }: Missing): Promise<OpenAccess> {
  if (await databaseExists(file)) return disposable({ ...(await open(file, TRIES)), isNew: false });
  if (!create) {
    throw new PawlError(
      "not_found",
      `There is no database ${file}: no server has run there, and no token was made. Name the right folder with --data.`,
    );
  }
  await prepareFolder(folder);
  return disposable({ ...(await open(file, TRIES)), isNew: true });
}

interface Access extends Pick<OpenAccess, "tokens" | "audit" | "isNew"> {
  close(): Promise<void>;
}

const disposable = ({ tokens, audit, isNew, close }: Access): OpenAccess => ({
  tokens,
  audit,
  isNew,
  [Symbol.asyncDispose]: close,
});

/** Who owns the database has perhaps just begun to make it, or to bring it up to date: it is given two seconds. */
const TRIES = 20;
const RETRY_MS = 100;

/** Blocks: nothing else is under way here, and the clock's timers would not keep the process alive. */
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);

async function open(path: string, tries: number): Promise<SqliteAccess> {
  const options = { path, clock: systemClock };
  try {
    return await openSqliteAccess(options);
  } catch (refusal) {
    try {
      // A database that is missing is made, and one of an older version brought up to date.
      return await createSqliteStore(options);
    } catch (error) {
      if (!(error instanceof PawlError && error.code === "store_owned")) throw error;
      if (tries === 1) throw refusal;
    }
  }
  pause();
  return open(path, tries - 1);
}
