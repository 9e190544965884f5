// Opens the database for a thread, and asserts what durability rests on: WAL, synchronous=FULL, and a SQLite without
// the WAL bug that 3.51.3 mended.
import { DatabaseSync } from "node:sqlite";
import { storeUnavailable } from "../../domain/errors.ts";
import { integerOf, textOf } from "../sql/rows.ts";
import { toPawlError } from "./failures.ts";
import { assertMigrated, migrate } from "./migrate.ts";
import type { ThreadOptions } from "./protocol.ts";

const OLDEST_SQLITE = [3, 51, 3] as const;
const SYNCHRONOUS_FULL = 2;

/** How long a statement waits for a lock that another program holds (a backup, a shell), in ms. */
const BUSY_MS = 2_000;
/** A guest comes in between two transactions of a busy owner, when it finds the moment. */
const GUEST_BUSY_MS = 10_000;
/** Pages of 4 KiB in memory, and in the WAL before it is copied into the database. */
const CACHE_KIB = 16_000;
const WAL_PAGES = 4_000;
const WAL_KEPT_BYTES = 67_108_864;

export const IN_MEMORY = ":memory:";

function assertVersion(version: string): void {
  const parts = version.split(".").map(Number);
  for (const [index, oldest] of OLDEST_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part > oldest) return;
    if (part < oldest) {
      throw storeUnavailable(
        `SQLite ${version} is too old: Pawl needs ${OLDEST_SQLITE.join(".")} or newer. Update Node.`,
      );
    }
  }
}

function assertDurable(db: DatabaseSync, path: string): void {
  const journal = textOf(db.prepare("PRAGMA journal_mode = WAL").get(), "journal_mode");
  if (journal !== "wal" && path !== IN_MEMORY) {
    throw storeUnavailable(`The database "${path}" cannot use a write-ahead log here (journal mode is ${journal}).`);
  }
  db.exec("PRAGMA synchronous = FULL");
  const synchronous = integerOf(db.prepare("PRAGMA synchronous").get(), "synchronous");
  if (synchronous !== SYNCHRONOUS_FULL) {
    throw storeUnavailable(`SQLite does not sync every commit (synchronous is ${synchronous}).`);
  }
}

function openWriter(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  assertVersion(textOf(db.prepare("SELECT sqlite_version() AS version").get(), "version"));
  assertDurable(db, path);
  db.exec(`
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA wal_autocheckpoint = ${WAL_PAGES};
    PRAGMA journal_size_limit = ${WAL_KEPT_BYTES};
  `);
  migrate(db, path);
  return db;
}

// Copying the log into the database is its owner's affair.
function openGuest(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: GUEST_BUSY_MS });
  assertVersion(textOf(db.prepare("SELECT sqlite_version() AS version").get(), "version"));
  assertMigrated(db, path);
  assertDurable(db, path);
  db.exec("PRAGMA wal_autocheckpoint = 0");
  return db;
}

const openReader = (path: string) => new DatabaseSync(path, { timeout: BUSY_MS, readOnly: true });

const OPEN = { writer: openWriter, reader: openReader, guest: openGuest };

/** Opens, and as the writer brings the schema up to date. Throws `PawlError`s that name the file. */
export function openDatabase({ path, role }: ThreadOptions): DatabaseSync {
  try {
    return OPEN[role](path);
  } catch (error) {
    const known = toPawlError(error);
    if (known === error) throw known;
    throw storeUnavailable(`The database "${path}" cannot be opened: ${known.message}`, error);
  }
}
