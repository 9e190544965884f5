// Everything that is kept, in the database that was configured: a data folder for one process, or PostgreSQL for many.
import path from "node:path";
import { systemClock } from "../engine/system-clock.ts";
import { createDirectoryFileStore } from "../files/index.ts";
import type { DataStore } from "../jobs/data/data-store.ts";
import { createSqliteDataStore } from "../jobs/data/sqlite/data-store.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { Logger } from "../ports/logger.ts";
import type { Store } from "../ports/store.ts";
import { createSqliteStore } from "../stores/sqlite/index.ts";
import type { Config } from "./config.ts";
import { prepareFolder } from "./data-folder.ts";
import { explainDataStore, explainPostgres } from "./start-problem.ts";

export interface Storage extends AsyncDisposable {
  readonly store: Store;
  /** Uploads and artifacts. */
  readonly fileStore: FileStore;
  /** What the shipped job types work on. */
  readonly data: DataStore;
}

/** Rejects with `invalid_config` (folder), `store_owned`, `storage_full` or `store_unavailable`. */
export function openStorage(config: Config, logger: Logger): Promise<Storage> {
  const { database } = config;
  switch (database.kind) {
    case "sqlite":
      return openFolder(database.path, config, logger);
    case "postgres":
      return openPostgres(database.url, config, logger);
  }
}

async function openFolder(file: string, { data: folder }: Config, logger: Logger): Promise<Storage> {
  await prepareFolder(folder);
  await using opening = new AsyncDisposableStack();
  const store = await createSqliteStore({ path: file, clock: systemClock, logger });
  opening.defer(() => store.close());
  const fileStore = createDirectoryFileStore({ directory: path.join(folder, "files") });
  const data = openDataStore(path.join(folder, "data.db"));
  opening.defer(() => data.close());
  return whole({ store, fileStore, data }, opening);
}

function openDataStore(file: string): DataStore {
  try {
    return createSqliteDataStore({ path: file });
  } catch (error) {
    throw explainDataStore(error, file);
  }
}

function openPostgres(url: string, config: Config, logger: Logger): Promise<Storage> {
  return openSchemas(url, config, logger).catch((error: unknown) => {
    throw explainPostgres(error, url, "--database");
  });
}

async function openSchemas(url: string, config: Config, logger: Logger): Promise<Storage> {
  const { schema, connections, listenUrl, leaseMs } = config;
  // Loaded here, since servers with a data folder do without.
  const { createPostgresStore } = await import("../stores/postgres/index.ts");
  const { createPostgresDataStore } = await import("../jobs/data/postgres/data-store.ts");
  await using opening = new AsyncDisposableStack();
  const store = await createPostgresStore({
    url,
    schema,
    connections,
    leaseMs,
    clock: systemClock,
    logger,
    listen: listenUrl !== "off",
    ...(listenUrl === null || listenUrl === "off" ? {} : { listenUrl }),
  });
  opening.defer(() => store.close());
  const data = await createPostgresDataStore({ url, schema: `${schema}_data`, logger });
  opening.defer(() => data.close());
  return whole({ store, fileStore: store.fileStore, data }, opening);
}

/** Is closed in the reverse order of its opening. */
function whole(parts: Omit<Storage, typeof Symbol.asyncDispose>, opening: AsyncDisposableStack): Storage {
  const opened = opening.move();
  return { ...parts, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
