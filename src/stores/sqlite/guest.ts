// A second way into a database that another process owns, for the command line: tokens and the audit, nothing else.
// Invariant: it never takes the ownership, and never touches what the owner keeps in mind: jobs, leases, counts, the schema.
import { realpathSync } from "node:fs";
import { storeUnavailable } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AuditStore, TokenStore } from "../../ports/store.ts";
import { createAuditStore, createTokenStore } from "./access-roles.ts";
import { openConnection } from "./connection.ts";

export interface SqliteAccess {
  readonly tokens: TokenStore;
  readonly audit: AuditStore;
  /** Waits for what is under way, then closes. May come twice. */
  close(): Promise<void>;
}

/**
 * Opens an existing database beside its owner, who sees at once what is changed here. Without an owner open the store
 * itself: that is what also brings an older database up to date.
 *
 * Rejects with `store_unavailable` when there is no such database, when it is another program's, and when a program of
 * another version made it.
 *
 * @example
 * const access = await openSqliteAccess({ path: "pawl-data/pawl.db", clock: systemClock });
 * const tokens = await access.tokens.tokens();
 * await access.close();
 */
export async function openSqliteAccess({
  path,
  clock,
}: {
  readonly path: string;
  readonly clock: Clock;
}): Promise<SqliteAccess> {
  const options = { path: existing(path), role: "guest" } as const;
  const connection = await openConnection(options, { clock, onReleased() {} });
  const threads = { writer: connection, reader: connection };
  return {
    tokens: createTokenStore(threads),
    audit: createAuditStore(threads),
    close: () => connection.close(),
  };
}

/** Opening it would make it, and nothing says that its folder is right. */
function existing(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw storeUnavailable(
      `There is no database at "${path}" (${why}). Start the server once, or name another folder.`,
      error,
    );
  }
}
