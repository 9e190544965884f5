// A real server or worker in a process of its own, as `npm start` would start it, on a free port. Whoever starts one ends
// it: one that is still there when a test file is done fails that file.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface WorkerProcess {
  readonly pid: number;
  /** Resolves when the process has ended, however. */
  readonly exited: Promise<Exit>;
  /** All that it printed so far. */
  stdout(): string;
  stderr(): string;
  /** Sends a signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** Asks it to stop and waits; throws unless it exits with 0. May come twice. */
  stop(): Promise<void>;
}

export interface ServerProcess extends WorkerProcess {
  readonly url: string;
}

export interface ServerOptions {
  /** Made when it is missing, and not used with PostgreSQL; the process runs in the folder that it lies in. */
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** A command that starts the process in its own place, such as one that enters a network namespace. */
  readonly prefix?: readonly string[];
}

/** A started process, which may not serve or work yet. */
export interface Starting<Ready extends WorkerProcess> extends Omit<WorkerProcess, "stop"> {
  /** Resolves when it serves or works; rejects with what it printed when it ends before. */
  readonly ready: Promise<Ready>;
}

export type StartingServer = Starting<ServerProcess>;

const alive = new Set<ChildProcess>();

const failLeaks = () => {
  const leaked = [...alive];
  for (const child of leaked) child.kill("SIGKILL");
  if (leaked.length > 0)
    throw new Error(`${leaked.length} server(s) were left running: ${leaked.map(({ pid }) => pid).join(", ")}`);
};
// A script that uses these servers is no test file: there the hook would start a test run.
if (process.argv[1]?.endsWith(".test.ts")) after(failLeaks);

/** Starts a server and answers at once: for tests that end it before it serves. */
export function spawnServer({ dataDir, args = [], ...options }: ServerOptions): StartingServer {
  return spawnPawl(
    { ...options, folder: path.dirname(dataDir), args: ["serve", "--port", "0", "--data", dataDir, ...args] },
    (common, printed) => {
      const [, url] = /Pawl serves on (http:\/\/\S+)\n/.exec(printed) ?? [];
      return url === undefined ? null : { ...common, url };
    },
  );
}

/** Starts a worker of a PostgreSQL database, which `args` or `env` name, and answers at once. */
export function spawnWorker({ dataDir, args = [], ...options }: ServerOptions): Starting<WorkerProcess> {
  return spawnPawl({ ...options, folder: path.dirname(dataDir), args: ["work", ...args] }, (common, printed) =>
    /Pawl works for .*\n/.test(printed) ? common : null,
  );
}

interface SpawnOptions extends Pick<ServerOptions, "env" | "prefix"> {
  readonly folder: string;
  readonly args: readonly string[];
}

/** `readyOf` sees what was printed so far, and answers `null` until the process is ready. */
function spawnPawl<Ready extends WorkerProcess>(
  { folder, args, env = {}, prefix = [] }: SpawnOptions,
  readyOf: (common: WorkerProcess, printed: string) => Ready | null,
): Starting<Ready> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PAWL_")));
  const [program = process.execPath, ...more] = [...prefix, process.execPath, MAIN, ...args];
  const child = spawn(program, more, {
    // A folder without an .env file of somebody's.
    cwd: folder,
    env: { ...own, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  alive.add(child);
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.stderr += text));
  const exited = once(child, "close").then(([code, signal]): Exit => {
    alive.delete(child);
    return { code, signal };
  });
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return await exited;
  };
  const common = { pid: child.pid ?? 0, exited, kill, stdout: () => printed.stdout, stderr: () => printed.stderr };
  const ready = new Promise<Ready>((resolve, reject) => {
    child.stdout.on("data", () => {
      const running = readyOf({ ...common, stop: () => stop(kill, printed) }, printed.stdout);
      if (running) resolve(running);
    });
    exited.then((exit) =>
      reject(new Error(`The process ended before it was ready: ${JSON.stringify(exit)}\n${printed.stderr}`)),
    );
  });
  // Only those who wait for it need to hear that it failed.
  ready.catch(() => undefined);
  return { ...common, ready };
}

/** Starts a server and waits until it serves. */
export function startServer(options: ServerOptions): Promise<ServerProcess> {
  return spawnServer(options).ready;
}

const START_TRIES = 20;

/** Starts a server at the port of one that has ended. The port was the system's to choose: for a moment somebody may have it. */
export async function startServerAt(port: string, options: ServerOptions): Promise<ServerProcess> {
  // Of two options of a name the last one counts.
  const args = [...(options.args ?? []), "--port", port];
  for (let tries = 1; ; tries += 1) {
    try {
      return await startServer({ ...options, args });
    } catch (error) {
      if (tries === START_TRIES) throw error;
    }
  }
}

/** Starts a worker and waits until it works. */
export function startWorker(options: ServerOptions): Promise<WorkerProcess> {
  return spawnWorker(options).ready;
}

async function stop(
  kill: (signal: NodeJS.Signals) => Promise<Exit>,
  printed: { readonly stderr: string },
): Promise<void> {
  const exit = await kill("SIGTERM");
  if (exit.code !== 0) throw new Error(`The process did not stop cleanly: ${JSON.stringify(exit)}\n${printed.stderr}`);
}
