// The data store in PostgreSQL, for any number of processes: tables in a schema of their own, over a few connections.
// Invariant: for a job an outage is no failure; it puts itself off, and goes on where the database says that it is.
import type { EffectsTarget, Logger } from "../../../index.ts";
import { postgresTarget } from "../../../stores/postgres/index.ts";
import type { DataStore, ImportWriter } from "../data-store.ts";
import { type Connections, createConnections } from "./connections.ts";
import { createDatasetCatalog } from "./dataset-catalog.ts";
import { createImportReader, createImportWriter } from "./dataset-imports.ts";
import { createDatasetReader } from "./dataset-rows.ts";
import { forCaller, forJob } from "./outage.ts";
import { migrate } from "./schema.ts";
import { createTeams } from "./teams.ts";

export interface PostgresDataStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Of these tables alone. Default `pawl_data`. Created when it is missing. */
  readonly schema?: string;
  /** Connections at most. Default 4. */
  readonly connections?: number;
  readonly logger?: Logger;
}

const DEFAULTS = { schema: "pawl_data", connections: 4 } as const;

/**
 * Opens the store, creating or migrating its schema as needed.
 * Rejects with `store_unavailable` when the database does not answer, or was made by a newer program.
 *
 * @example
 * const data = await createPostgresDataStore({ url: "postgres://localhost/app" });
 * const jobs = [createCsvImport({ data }), createDataExport({ data })];
 */
export async function createPostgresDataStore(options: PostgresDataStoreOptions): Promise<DataStore> {
  const { url, schema, connections: most, logger } = { ...DEFAULTS, ...options };
  const connections = createConnections({ url, schema, connections: most, logger });
  try {
    await forCaller(() => migrate(connections));
  } catch (error) {
    await connections.close();
    throw error;
  }
  logger?.debug({ schema, connections: most }, "data store opened");
  return {
    target: createTarget(connections),
    imports: createImportReader(connections),
    reader: createDatasetReader(connections),
    teams: createTeams(connections),
    catalog: createDatasetCatalog(connections),
    close: connections.close,
  };
}

function createTarget({ pool, schema, asking }: Connections): EffectsTarget<ImportWriter> {
  const target = postgresTarget(pool, { schema });
  return {
    enter: (fence) => forJob(() => target.enter(fence)),
    commit: (fence, step, work) =>
      forJob(() => target.commit(fence, step, (client) => work(createImportWriter(asking(client))))),
  };
}
