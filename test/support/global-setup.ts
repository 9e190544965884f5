// What all files of one `npm test` share, and what ends with the run: a PostgreSQL server, in which each file has a schema of
// its own, and what Node compiled, so that not every process compiles everything anew.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { missingServer, type PostgresServer, startPostgresServer } from "./postgres-server.ts";

let compiled: string | null = null;
let server: PostgresServer | null = null;

/** Runs before all files, which get the environment that it leaves. */
export async function globalSetup(): Promise<void> {
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
  if (compiled !== null) await rm(compiled, { recursive: true, force: true });
}
