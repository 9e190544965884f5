// Runs a program to its end.
import { type SpawnSyncOptions, spawnSync } from "node:child_process";

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** What it printed on stdout goes to the answer, what it complains of to the terminal. Throws when it fails. */
export function run(program: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const { status, stdout, error } = spawnSync(program, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
  if (error) throw new Error(`${program} could not be started (${error.message}). Is it installed?`);
  if (status === 0) return String(stdout ?? "");
  throw new Error(`${[program, ...args].join(" ")} ended with ${status}.\n${stdout ?? ""}`);
}

/** As `run`, but failing is an answer too. */
export function attempt(program: string, args: readonly string[], options: SpawnSyncOptions = {}): Ended {
  const { status, stdout, stderr } = spawnSync(program, args, { ...options, encoding: "utf8" });
  return { code: status, output: `${stdout}${stderr}` };
}
