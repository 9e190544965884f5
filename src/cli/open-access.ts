// Opens what a data folder knows of access, whether a server runs on it or not. As a guest where that is possible: a
// server that is started at this moment must not find its database owned by somebody who only lists tokens.
import { PawlError } from "../domain/errors.ts";
import { systemClock } from "../engine/system-clock.ts";
import type { AuditStore, TokenStore } from "../ports/access-store.ts";
import { openSqliteAccess, type SqliteAccess } from "../stores/sqlite/guest.ts";
import { createSqliteStore } from "../stores/sqlite/index.ts";
import type { Config } from "./config.ts";
import { databaseExists, prepareFolder } from "./data-folder.ts";

export interface OpenAccess extends AsyncDisposable {
  readonly tokens: TokenStore;
  readonly audit: AuditStore;
  /** Whether there was no database yet. */
  readonly isNew: boolean;
}

/**
 * Opens them; with `create`, a folder or database that is missing is made, as `pawl serve` would make it.
 * Rejects with `not_found` (no database, without `create`), `invalid_config`, `storage_full` or `store_unavailable`.
 */
export async function openAccess(config: Config, { create }: { readonly create: boolean }): Promise<OpenAccess> {
  if (await databaseExists(config.database)) return disposable(await open(config.database, TRIES), { isNew: false });
  if (!create) throw noDatabase(config.database);
  await prepareFolder(config.data);
  return disposable(await open(config.database, TRIES), { isNew: true });
}

const disposable = ({ tokens, audit, close }: SqliteAccess, { isNew }: { readonly isNew: boolean }): OpenAccess => ({
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

const noDatabase = (file: string) =>
  new PawlError(
    "not_found",
    `There is no database ${file}: no server has run there, and no token was made. Name the right folder with --data.`,
  );
