// The database that the shipped job types work on: datasets with their imports and rows, and teams. One file, one connection.
import type { DatabaseSync } from "node:sqlite";
import type { EffectsTarget } from "../index.ts";
import type { DatasetCatalog } from "../ports/datasets.ts";
import { sqliteTarget } from "../stores/sqlite/index.ts";
import { openDatabase } from "./data-schema.ts";
import { createDatasetCatalog } from "./dataset-catalog.ts";
import { createDatasetImports, type DatasetImports } from "./dataset-imports.ts";
import { createDatasetReader, type DatasetReader } from "./dataset-rows.ts";
import { createTeams, type Teams } from "./teams.ts";

export interface DataStore {
  /** For `job.effects` and `batch.commit`. */
  readonly target: EffectsTarget<DatabaseSync>;
  /** To be called in a transaction of the target only. */
  readonly imports: DatasetImports;
  readonly reader: DatasetReader;
  readonly teams: Teams;
  /** What the HTTP API shows of datasets. */
  readonly catalog: DatasetCatalog;
  /** May come twice. Jobs that use the store must have stopped. */
  close(): void;
}

export interface DataStoreOptions {
  /** Made when it is missing, readable for its owner only. Its folder must exist. `:memory:` for tests. */
  readonly path: string;
}

/**
 * Opens the store, durable (`synchronous=FULL`).
 *
 * @example
 * const data = createDataStore({ path: "pawl-data/data.db" });
 * const jobs = [createCsvImport({ data }), createDataExport({ data })];
 */
export function createDataStore({ path }: DataStoreOptions): DataStore {
  const database = openDatabase(path);
  const imports = createDatasetImports(database);
  return {
    target: sqliteTarget(database),
    imports,
    reader: createDatasetReader(database, imports.shapeOf),
    teams: createTeams(database),
    catalog: createDatasetCatalog(database),
    close() {
      if (database.isOpen) database.close();
    },
  };
}
