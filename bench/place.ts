// Where a store is, in words that travel to another process, and how it is opened there.
import { join } from "node:path";
import { createDirectoryFileStore } from "../src/files/index.ts";
import { systemClock } from "../src/index.ts";
import { createPostgresDataStore } from "../src/jobs/data/postgres/data-store.ts";
import { createSqliteDataStore } from "../src/jobs/data/sqlite/data-store.ts";
import type { FileStore } from "../src/ports/file-store.ts";
import type { Store } from "../src/ports/store.ts";
import { createPostgresStore } from "../src/stores/postgres/index.ts";
import { createSqliteStore } from "../src/stores/sqlite/index.ts";

export type Place =
  | { readonly kind: "sqlite"; readonly directory: string }
  | { readonly kind: "postgres"; readonly url: string; readonly schema: string };

export interface Opened {
  readonly store: Store;
  readonly fileStore: FileStore;
}

export async function openPlace(place: Place): Promise<Opened> {
  switch (place.kind) {
    case "sqlite": {
      const store = await createSqliteStore({ path: join(place.directory, "pawl.db"), clock: systemClock });
      return { store, fileStore: createDirectoryFileStore({ directory: join(place.directory, "files") }) };
    }
    case "postgres": {
      const { url, schema } = place;
      const store = await createPostgresStore({ url, schema, clock: systemClock });
      return { store, fileStore: store.fileStore };
    }
  }
}

/** Where the job types that ship keep their data. */
export async function openData(place: Place) {
  switch (place.kind) {
    case "sqlite":
      return createSqliteDataStore({ path: join(place.directory, "data.db") });
    case "postgres":
      return createPostgresDataStore({ url: place.url, schema: `${place.schema}_data` });
  }
}
