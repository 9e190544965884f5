// A data folder to move from. Its invariant: nothing in it changes, and no server owns it meanwhile.
import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PawlError, storeUnavailable } from "../../domain/errors.ts";
import { createDirectoryFileStore } from "../../files/index.ts";
import type { FileStore } from "../../ports/file-store.ts";
import { integerOf } from "../../stores/sql/rows.ts";
import { assertMigrated } from "../../stores/sqlite/migrate.ts";
import { acquireOwnership } from "../../stores/sqlite/owner.ts";
import { DATA_VERSION } from "./tables.ts";

/** Where everything of a server is. */
export interface Place {
  /** The file of the jobs. */
  readonly database: string;
  /** The folder of uploads, artifacts and datasets. */
  readonly folder: string;
}

export interface Source {
  readonly place: Place;
  readonly jobs: DatabaseSync;
  /** Datasets and teams; `null` when there never were any. */
  readonly data: DatabaseSync | null;
  readonly files: FileStore;
}

/**
 * Opens it for reading, owned until `opening` is disposed.
 * Throws `not_found`, `store_owned`, or `store_unavailable` for files of another version or another program.
 */
export function openSource({ database, folder }: Place, now: number, opening: DisposableStack): Source {
  const file = existing(database);
  opening.use(disposable(acquireOwnership(file, now).release));
  const jobs = open(file, opening);
  readable(file, () => assertMigrated(jobs, file));
  const data = openData(path.join(folder, "data.db"), opening);
  const files = createDirectoryFileStore({ directory: path.join(folder, "files") });
  return { place: { database: file, folder }, jobs, data, files };
}

const disposable = (dispose: () => void): Disposable => ({ [Symbol.dispose]: dispose });

function existing(file: string): string {
  if (existsSync(file)) return realpathSync(file);
  throw new PawlError(
    "not_found",
    `There is no database ${file}: no server has run there. Name the data folder with --from <folder>, or the file with --from sqlite:<path>.`,
  );
}

function open(file: string, opening: DisposableStack): DatabaseSync {
  const database = readable(file, () => new DatabaseSync(file, { readOnly: true }));
  opening.use(disposable(() => database.close()));
  return database;
}

function readable<R>(file: string, read: () => R): R {
  try {
    return read();
  } catch (error) {
    if (error instanceof PawlError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw storeUnavailable(`The database ${file} cannot be read: ${why}.`, error);
  }
}

function openData(file: string, opening: DisposableStack): DatabaseSync | null {
  if (!existsSync(file)) return null;
  const data = open(file, opening);
  const version = readable(file, () => integerOf(data.prepare("PRAGMA user_version").get(), "user_version"));
  if (version === DATA_VERSION) return data;
  // Made, and nothing was ever put into it; or made by somebody else.
  if (version === 0) return null;
  throw storeUnavailable(
    `The data store ${file} has version ${version}, and this program moves version ${DATA_VERSION}. ` +
      "Start and stop the server once with this program, or move with the newer one that made it.",
  );
}
