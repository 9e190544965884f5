// Makes sure that one process owns a database: it holds a write lock on a small database beside it as long as it lives.
// The system lets go of the lock when the process dies, however it dies. What the file says of the owner is information
// only; the lock decides.

import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { PawlError } from "../../domain/errors.ts";
import { integerOf, textOf } from "../sql/rows.ts";
import { toPawlError } from "./failures.ts";

export interface Ownership {
  /** May come twice. */
  release(): void;
}

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  error instanceof Error &&
  "errcode" in error &&
  typeof error.errcode === "number" &&
  (error.errcode & 0xff) === SQLITE_BUSY;

const mine = (now: number) => ({ pid: process.pid, host: hostname(), since: new Date(now).toISOString() });
type Owner = ReturnType<typeof mine>;

// A lock for writing leaves the file readable, so whoever comes second can read who was first.
function readOwner(lock: DatabaseSync): Owner | null {
  try {
    const row = lock.prepare("SELECT pid, host, since FROM owner").get();
    return row ? { pid: integerOf(row, "pid"), host: textOf(row, "host"), since: textOf(row, "since") } : null;
  } catch {
    return null;
  }
}

function writeOwner(lock: DatabaseSync, { pid, host, since }: Owner): void {
  lock.exec("BEGIN IMMEDIATE");
  lock.exec("CREATE TABLE IF NOT EXISTS owner (pid INTEGER, host TEXT, since TEXT); DELETE FROM owner;");
  lock.prepare("INSERT INTO owner VALUES (?, ?, ?)").run(pid, host, since);
  lock.exec("COMMIT");
}

const same = (a: Owner | null, b: Owner): boolean => a?.pid === b.pid && a.host === b.host && a.since === b.since;

// Between writing the name and taking the lock another process may do the same: then the name is written again, and one
// of the two finds the lock taken.
function take(lock: DatabaseSync, owner: Owner): void {
  for (;;) {
    writeOwner(lock, owner);
    lock.exec("BEGIN IMMEDIATE");
    if (same(readOwner(lock), owner)) return;
    lock.exec("ROLLBACK");
  }
}

function owned(path: string, owner: Owner | null, cause: unknown): PawlError {
  const who = owner ? `process ${owner.pid} on ${owner.host}, since ${owner.since}` : "another process";
  const message =
    `The database "${path}" is owned by ${who}. ` +
    "Stop that process, talk to it over its HTTP API, or use another data folder.";
  return new PawlError("store_owned", message, { cause });
}

/**
 * Takes the database at `path` for this process.
 * Throws `store_owned` when another one has it, naming that process.
 */
export function acquireOwnership(path: string, now: number): Ownership {
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    take(lock, mine(now));
  } catch (error) {
    const owner = isBusy(error) ? readOwner(lock) : null;
    lock.close();
    throw isBusy(error) ? owned(path, owner, error) : toPawlError(error);
  }
  return {
    release() {
      if (lock.isOpen) lock.close();
    },
  };
}
