// The data store in a SQLite file: one connection, one owning process. Every call runs at once, within the call itself.
import { sqliteTarget } from "../../../stores/sqlite/index.ts";
import type { DataStore } from "../data-store.ts";
import { createDatasetCatalog } from "./dataset-catalog.ts";
import { createDatasetImports } from "./dataset-imports.ts";
import { createDatasetReader } from "./dataset-rows.ts";
import { openDatabase } from "./schema.ts";
import { createTeams } from "./teams.ts";

export interface SqliteDataStoreOptions {
  /** Made when it is missing, readable for its owner only. Its folder must exist. `:memory:` for tests. */
  readonly path: string;
}

/**
 * Opens the store, durable (`synchronous=FULL`). Throws when the file cannot be used, or was made by a newer version.
 *
 * @example
 * const data = createSqliteDataStore({ path: "pawl-data/data.db" });
 * const jobs = [createCsvImport({ data }), createDataExport({ data })];
 */
export function createSqliteDataStore({ path }: SqliteDataStoreOptions): DataStore {
  const database = openDatabase(path);
  const target = sqliteTarget(database);
  const { writer, reader } = createDatasetImports(database);
  return {
    target: {
      enter: target.enter,
      commit: (fence, step, work) => target.commit(fence, step, () => work(writer)),
    },
    imports: reader,
    reader: createDatasetReader(database),
    teams: createTeams(database),
    catalog: createDatasetCatalog(database),
    async close() {
      if (database.isOpen) database.close();
    },
  };
}
