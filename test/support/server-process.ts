// A real server in a process of its own, as `npm start` would start it, on a free port. Whoever starts one ends it:
// a server that is still there when a test file is done fails that file.
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

export interface ServerProcess {
  readonly url: string;
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

export interface ServerOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** A started process, which may not serve yet. */
export interface StartingServer {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Resolves when it serves; rejects with what it printed when it ends before. */
  readonly ready: Promise<ServerProcess>;
  stderr(): string;
  stdout(): string;
  kill(signal: NodeJS.Signals): Promise<Exit>;
}

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
export function spawnServer({ dataDir, env = {}, args = [] }: ServerOptions): StartingServer {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PAWL_")));
  const child = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--data", dataDir, ...args], {
    // A folder without an .env file of somebody's.
    cwd: path.dirname(dataDir),
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
  const ready = new Promise<ServerProcess>((resolve, reject) => {
    child.stdout.on("data", () => {
      const [, url] = /Pawl serves on (http:\/\/\S+)\n/.exec(printed.stdout) ?? [];
      if (url !== undefined) resolve({ ...common, url, stop: () => stop(kill, printed) });
    });
    exited.then((exit) =>
      reject(new Error(`The server ended before it served: ${JSON.stringify(exit)}\n${printed.stderr}`)),
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

async function stop(
  kill: (signal: NodeJS.Signals) => Promise<Exit>,
  printed: { readonly stderr: string },
): Promise<void> {
  const exit = await kill("SIGTERM");
  if (exit.code !== 0) throw new Error(`The server did not stop cleanly: ${JSON.stringify(exit)}\n${printed.stderr}`);
}
