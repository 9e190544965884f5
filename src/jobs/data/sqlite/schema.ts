// The tables of the data store, and how its file is opened. What is committed survives a power cut: WAL with
// `synchronous=FULL`, checked at every opening.
import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { numberOf, textOf } from "../stored-row.ts";

// The primary key serves everything that is asked of rows and rejects: their ids are those of row-ids.ts.
const DATASETS = `
  CREATE TABLE dataset (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    columns TEXT NOT NULL,
    types TEXT NOT NULL,
    day_column TEXT
  ) STRICT;
  CREATE TABLE import (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id INTEGER NOT NULL REFERENCES dataset (id),
    job_id TEXT NOT NULL UNIQUE,
    run INTEGER NOT NULL,
    total INTEGER NOT NULL,
    rows INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    finished INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
  ) STRICT;
  CREATE INDEX import_by_dataset ON import (dataset_id, id);
  CREATE TABLE row (
    id INTEGER PRIMARY KEY,
    line INTEGER NOT NULL,
    day TEXT,
    "values" TEXT NOT NULL
  ) STRICT;
  CREATE TABLE rejected (
    id INTEGER PRIMARY KEY,
    line INTEGER NOT NULL,
    "column" INTEGER NOT NULL,
    reason TEXT NOT NULL,
    value TEXT NOT NULL,
    fields TEXT NOT NULL
  ) STRICT;`;

const TEAMS = `
  CREATE TABLE team (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    job_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    "values" TEXT NOT NULL,
    UNIQUE (job_id, line)
  ) STRICT;`;

/** What each version of the file adds, in order. */
const VERSIONS = [DATASETS, TEAMS];

/** Opens the file, mode 0600, and makes its tables. `:memory:` is a database of its own. */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ":memory:") createPrivately(path);
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
  const mode = textOf(database.prepare("PRAGMA journal_mode").get(), "journal_mode");
  const synchronous = numberOf(database.prepare("PRAGMA synchronous").get(), "synchronous");
  if (path !== ":memory:" && (mode !== "wal" || synchronous !== 2)) {
    throw new Error(
      `The data store ${path} cannot be made durable: journal_mode is ${mode}, synchronous is ${synchronous}.`,
    );
  }
  const version = numberOf(database.prepare("PRAGMA user_version").get(), "user_version");
  if (version > VERSIONS.length)
    throw new Error(`The data store ${path} was made by a newer version. Start that version.`);
  for (const [index, sql] of VERSIONS.entries()) {
    if (index >= version) database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
  return database;
}

/**
 * SQLite itself would create the file readable for everyone. One that exists is left alone: closing it would drop
 * SQLite's locks on it.
 */
function createPrivately(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}
