// Everything that a server has stored, read behind its back: rows from its databases, files from its folder. Invariant: what
// moves by itself (leases, figures of the minute, when a token was last used) is left out, so that two looks at an idle
// server are the same.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** Rows by table, as JSON, and files by name. */
export type StoredState = Readonly<Record<string, readonly string[]>>;

export interface StoredStateReader {
  /** The same object again while nothing was written. */
  read(): StoredState;
  /** How many rows each of these tables of the program's own database has. */
  count(tables: readonly string[]): readonly number[];
  /** Files that are arriving, or that nobody cleaned up after. */
  arriving(): readonly string[];
  close(): void;
}

const ARRIVING = ".part";

/** What changes without anybody asking, or only counts what other tables hold. The audit tells of refusals, as it has to. */
const RESTLESS_TABLES = new Set(["workers", "minutes", "starts", "job_counts", "uploaded", "audit", "sqlite_sequence"]);
const RESTLESS_COLUMNS = new Set(["last_used_at", "running_ms"]);

export function createStoredStateReader(dataDir: string): StoredStateReader {
  const names = ["pawl.db", "data.db"].filter((name) => existsSync(path.join(dataDir, name)));
  const databases = names.map((name) => {
    const db = new DatabaseSync(path.join(dataDir, name), { readOnly: true, timeout: 5_000 });
    return { db, name };
  });
  let known: StoredState = {};
  let versions = "";
  let counting: StatementSync | undefined;

  function versionsNow(files: readonly string[]): string {
    const ofData = databases.map(({ db }) => JSON.stringify(db.prepare("PRAGMA data_version").get()));
    return [...ofData, ...files].join();
  }

  return {
    read() {
      const files = filesIn(path.join(dataDir, "files")).filter((name) => !name.endsWith(ARRIVING));
      const now = versionsNow(files);
      if (now === versions) return known;
      versions = now;
      known = Object.fromEntries([...databases.flatMap(({ db, name }) => rowsOf(db, name)), ["files on disk", files]]);
      return known;
    },
    count(tables) {
      counting ??= databases[0]?.db.prepare(
        `SELECT ${tables.map((table) => `(SELECT count(*) FROM ${table}) AS "${table}"`).join()}`,
      );
      return Object.values(counting?.get() ?? {}).map(Number);
    },
    arriving: () => filesIn(path.join(dataDir, "files")).filter((name) => name.endsWith(ARRIVING)),
    close() {
      for (const { db } of databases) db.close();
    },
  };
}

function rowsOf(db: DatabaseSync, database: string): [string, readonly string[]][] {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  return tables
    .map(({ name }) => String(name))
    .filter((name) => !RESTLESS_TABLES.has(name))
    .map((name) => {
      const rows = db.prepare(`SELECT * FROM "${name}"`).all();
      return [database === "pawl.db" ? name : `${database}: ${name}`, rows.map(textOf).sort()];
    });
}

const textOf = (row: Record<string, unknown>) =>
  JSON.stringify(Object.fromEntries(Object.entries(row).filter(([column]) => !RESTLESS_COLUMNS.has(column))), asText);

const asText = (_key: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

/** Names of all files under `folder`; the folders themselves are no data. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

/** How many rows each table has more than before, where that is not zero; and what changed in tables that grew by none. */
export function growthOf(before: StoredState, after: StoredState): Readonly<Record<string, number | string>> {
  const tables = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes = [...tables].flatMap((table): [string, number | string][] => {
    const [old = [], now = []] = [before[table], after[table]];
    if (old === now) return [];
    if (now.length !== old.length) return [[table, now.length - old.length]];
    const index = now.findIndex((row, place) => row !== old[place]);
    return index < 0 ? [] : [[table, `${old[index]} became ${now[index]}`]];
  });
  return Object.fromEntries(changes);
}
