// PgBouncer in transaction mode before a test's PostgreSQL, for as long as a test file runs. It ends with the process that
// started it, however that ends.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chown, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { type Owner, serverOwner } from "./postgres-server.ts";

export interface PgBouncer {
  /** Leads through it. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface PgBouncerOptions {
  /** Connections to the server. */
  readonly poolSize: number;
  /** Named statements that it keeps for a client, 0 for none. */
  readonly statements: number;
}

/** The first version that keeps named statements in transaction mode. */
const NEEDED = [1, 21] as const;
const PLACES = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"];
const START_TRIES = 3;

/** Where it is: `PGBOUNCER_PATH`, or in one of the usual folders; `null`: nowhere. */
async function findProgram(): Promise<string | null> {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), ...PLACES];
  const given = process.env.PGBOUNCER_PATH;
  for (const candidate of given ? [given] : folders.map((folder) => path.join(folder, "pgbouncer"))) {
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return candidate;
  }
  return null;
}

/** Why tests cannot run here: with any version, and with one that keeps named statements. `null`: they can. */
export async function missingPgBouncer(): Promise<{ readonly any: string | null; readonly named: string | null }> {
  const program = await findProgram();
  if (program === null) {
    const missing = "SKIPPED: there is no PgBouncer. Install it, or name it in PGBOUNCER_PATH";
    return { any: missing, named: missing };
  }
  const { stdout } = await promisify(execFile)(program, ["--version"]);
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
  const isOld = major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
  const named = isOld ? `SKIPPED: PgBouncer is ${major}.${minor}, and named statements need ${NEEDED.join(".")}` : null;
  return { any: null, named };
}

/** Starts one before the server of `url`. Ask `missingPgBouncer` before. */
export async function startPgBouncer(url: string, options: PgBouncerOptions): Promise<PgBouncer> {
  const program = await findProgram();
  if (program === null) throw new Error("There is no PgBouncer here.");
  for (let attempt = 1; ; attempt += 1) {
    const folder = await mkdtemp(path.join(tmpdir(), "pawl-pgbouncer-"));
    try {
      return await startIn(folder, program, new URL(url), options);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (attempt === START_TRIES) throw error;
    }
  }
}

async function startIn(folder: string, program: string, server: URL, options: PgBouncerOptions): Promise<PgBouncer> {
  const owner = await serverOwner();
  const port = await freePort();
  const isKnown = (await missingPgBouncer()).named === null;
  const file = (name: string) => path.join(folder, name);
  await writeFile(file("users"), `"${decodeURIComponent(server.username)}" "${decodeURIComponent(server.password)}"\n`);
  await writeFile(file("settings"), settingsOf({ ...options, server, port, isKnown, users: file("users") }));
  for (const each of [folder, file("users"), file("settings")]) await giveTo(owner, each);
  const keeper = await start(program, [folder, file("settings")], owner);
  const through = new URL(server);
  through.hostname = "127.0.0.1";
  through.port = String(port);
  through.search = "";
  return {
    url: through.href,
    async stop() {
      const exited = once(keeper, "exit");
      keeper.stdin?.end();
      await exited;
    },
  };
}

async function giveTo({ uid, gid }: Owner, file: string): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(file, uid, gid);
}

interface Settings extends PgBouncerOptions {
  readonly server: URL;
  readonly port: number;
  readonly users: string;
  /** Whether this version has a setting for named statements. */
  readonly isKnown: boolean;
}

const settingsOf = ({ server, port, users, poolSize, statements, isKnown }: Settings): string => `
[databases]
* = host=${server.hostname} port=${server.port || 5432}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${poolSize}
${isKnown ? `max_prepared_statements = ${statements}` : ""}
`;

/** Ends the program when standard input ends, and removes the folder, which is the first argument, when it has ended. */
const KEEPER = `folder=$1; shift; exec 3<&0; "$@" 3<&- & program=$!; (read -r _ <&3; kill -QUIT $program) & wait $program; rm -rf "$folder"`;

async function start(program: string, [folder, settings]: readonly [string, string], owner: Owner) {
  const keeper = spawn("sh", ["-c", KEEPER, "sh", folder, program, settings], {
    ...owner,
    cwd: "/",
    stdio: ["pipe", "ignore", "pipe"],
    detached: true,
  });
  const failure = await untilReady(keeper);
  if (failure === null) return keeper;
  keeper.stdin?.end();
  throw new Error(`PgBouncer did not start:\n${failure}`);
}

/** Resolves with what it said when it ends instead. */
function untilReady(keeper: ChildProcess): Promise<string | null> {
  let said = "";
  return new Promise((resolve) => {
    keeper.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("process up")) resolve(null);
    });
    keeper.once("error", (error) => resolve(error.message));
    keeper.once("exit", () => resolve(said));
  });
}
