// Runs the commands of a page's `console` blocks in one shell, in order, and gives each its output: what the page claims
// can then be compared with what really happens.
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface Step {
  readonly command: string;
  /** What the page shows below the command. */
  readonly shown: string;
}

/** The commands of all `console` blocks, with the output that the page shows for each. */
export function stepsOf(page: string): readonly Step[] {
  const blocks = [...page.matchAll(/^```console\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .filter((part) => part.trim() !== "")
      .map((part) => {
        const [command = "", ...lines] = part.trimEnd().split("\n");
        return { command, shown: lines.join("\n") };
      }),
  );
}

export interface WalkOptions {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the walk. */
  readonly signal?: AbortSignal;
}

const MARK = "----- next -----";

/** Answers what each step printed. Rejects when a step fails. */
export async function walk(
  steps: readonly Step[],
  { directory, environment, signal }: WalkOptions,
): Promise<readonly string[]> {
  // Whatever happens, what the steps started in the background ends with them.
  const script = [
    "set -e",
    "trap 'kill -9 $(jobs -p) 2> /dev/null || true' EXIT",
    ...steps.flatMap((step) => [step.command, `echo '${MARK}'`]),
  ].join("\n");
  const shell = spawn("bash", ["-c", script], {
    cwd: directory,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  const output = { text: "", errors: "" };
  shell.stdout.on("data", (chunk) => {
    output.text += chunk;
  });
  shell.stderr.on("data", (chunk) => {
    output.errors += chunk;
  });
  const [code] = await once(shell, "close");
  const printed = output.text.split(`${MARK}\n`).map((text) => text.trimEnd());
  if (code !== 0) {
    throw new Error(`"${steps[printed.length - 1]?.command}" ended with ${code}: ${output.errors}\n${printed.at(-1)}`);
  }
  return printed.slice(0, steps.length);
}
