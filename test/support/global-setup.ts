// What all files of one `npm test` share, and what ends with the run: a folder for temporary files, in memory where there is
// one, a PostgreSQL server, in which each file has a schema of its own, and what Node compiled, so that not every process
// compiles everything anew.
import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { missingServer, type PostgresServer, startPostgresServer } from "./postgres-server.ts";

/** A file system in memory, where Linux has one. */
const IN_MEMORY = "/dev/shm";
/** Ten times what lay there at most in a whole run (612 MB, by `df`). */
const FREE_BYTES_MIN = 6 * 1024 ** 3;
/** As of a system's own folder for temporary files: the database server runs as another user. */
const FOR_EVERYBODY = 0o1777;

let temporary: string | null = null;
let compiled: string | null = null;
let server: PostgresServer | null = null;

/** Runs before all files, which get the environment that it leaves. */
export async function globalSetup(): Promise<void> {
  if (process.env.TMPDIR === undefined) {
    temporary = await folderInMemory();
    if (temporary !== null) process.env.TMPDIR = temporary;
  }
  if (process.env.NODE_COMPILE_CACHE === undefined) {
    compiled = await mkdtemp(path.join(tmpdir(), "pawl-compiled-"));
    process.env.NODE_COMPILE_CACHE = compiled;
  }
  if (process.env.TEST_DATABASE_URL !== undefined || missingServer() !== null) return;
  server = await startPostgresServer();
  process.env.TEST_DATABASE_URL = server.url;
}

export async function globalTeardown(): Promise<void> {
  await server?.stop();
  for (const folder of [compiled, temporary]) {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A folder in which a sync costs nothing; on a disk the tests mostly wait for those of SQLite. They kill processes and pull
 * no plugs, and what a killed process has written stays in both. `null` where there is no room, or programs cannot run.
 */
async function folderInMemory(): Promise<string | null> {
  let folder: string | null = null;
  try {
    const { bavail, bsize } = await statfs(IN_MEMORY);
    if (bavail * bsize < FREE_BYTES_MIN) return null;
    folder = await mkdtemp(path.join(IN_MEMORY, "pawl-test-"));
    await chmod(folder, FOR_EVERYBODY);
    const program = path.join(folder, "runs");
    await writeFile(program, "#!/bin/sh\n", { mode: 0o700 });
    execFileSync(program);
    return folder;
  } catch {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
    return null;
  }
}
