import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a `pawl` command from source, to its end. */
export function runPawl(args: readonly string[], { env = {} }: CommandOptions = {}): Promise<CommandResult> {
  return runNode([MAIN, ...args], { env });
}

/** Runs Node with the given arguments, to its end. */
export function runNode(args: readonly string[], { env = {} }: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...args],
      { env: { ...process.env, ...env } },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}
