// A way into a database for the command line: tokens and the audit, without listening, leases or anything that lasts.
import type { AuditStore, TokenStore } from "../../ports/store.ts";
import { createAccessStores } from "./access.ts";
import { createDatabase } from "./database.ts";
import { isMade, migrate } from "./migrate.ts";

export interface PostgresAccess {
  readonly tokens: TokenStore;
  readonly audit: AuditStore;
  /** Whether the schema was made just now. */
  readonly isNew: boolean;
  /** Waits for what is under way, then closes. May come twice. */
  close(): Promise<void>;
}

export interface PostgresAccessOptions {
  readonly url: string;
  readonly schema: string;
  /** Whether to make the schema where it is missing. */
  readonly create: boolean;
}

const CONNECTIONS = 2;
/** Nothing here takes long. */
const STANDSTILL_MS = 15_000;

/**
 * Opens a schema beside the servers and workers that use it, and brings it up to date. Answers `null` when it is missing
 * and not to be made.
 *
 * Rejects with `store_unavailable` when the database does not answer, or was made by a newer program.
 *
 * @example
 * const access = await openPostgresAccess({ url: "postgres://localhost/app", schema: "pawl", create: false });
 * const tokens = await access?.tokens.tokens();
 * await access?.close();
 */
export async function openPostgresAccess({
  url,
  schema,
  create,
}: PostgresAccessOptions): Promise<PostgresAccess | null> {
  const database = createDatabase({ url, schema, connections: CONNECTIONS, standstillMs: STANDSTILL_MS });
  try {
    const isNew = !(await isMade(database, schema));
    if (isNew && !create) {
      await database.close();
      return null;
    }
    await migrate(database, schema);
    const { tokens, audit } = createAccessStores(database);
    return { tokens, audit, isNew, close: database.close };
  } catch (error) {
    await database.close();
    throw error;
  }
}
