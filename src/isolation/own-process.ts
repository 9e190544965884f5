// How an author says that a job type runs in processes of its own: a mistake shows here, and not at the first job.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { invalidRequest } from "../domain/errors.ts";
import type { Isolation } from "../ports/isolation.ts";
import { startProcess } from "./start-process.ts";

export interface OwnProcessOptions {
  /** How long a paused attempt may take to reach a checkpoint before its process is killed, in ms. Default 1,000. */
  readonly pauseGraceMs?: number;
  /** The largest heap of objects that V8 may keep, in MiB: with more, the process dies. Default: as V8 chooses. */
  readonly maxMemoryMb?: number;
}

const DEFAULT_PAUSE_GRACE_MS = 1_000;

/**
 * Runs each attempt of a job type in a process of its own, which can be ended whatever it does. `module` is the URL of the
 * file that exports the definition: the process imports it, so it must not start anything. Throws `invalid_request` when
 * there is no such file, or an option is not valid.
 *
 * @example
 * export const render = defineJob({ type: "render", input, isolation: ownProcess(import.meta.url), run });
 */
export function ownProcess(
  module: string | URL,
  { pauseGraceMs = DEFAULT_PAUSE_GRACE_MS, maxMemoryMb }: OwnProcessOptions = {},
): Isolation {
  const url = String(module);
  if (!isFile(url)) {
    throw invalidRequest(
      `ownProcess: there is no file "${url}". Give it import.meta.url of the module that exports the job type.`,
    );
  }
  if (!(pauseGraceMs >= 0)) throw invalidRequest(`ownProcess: pauseGraceMs is ${pauseGraceMs}; use a number from 0.`);
  if (maxMemoryMb !== undefined && !(Number.isInteger(maxMemoryMb) && maxMemoryMb >= 1)) {
    throw invalidRequest(`ownProcess: maxMemoryMb is ${maxMemoryMb}; use a whole number from 1.`);
  }
  const execArgv = maxMemoryMb === undefined ? [] : [`--max-old-space-size=${maxMemoryMb}`];
  return { pauseGraceMs, start: (job) => startProcess(job, { module: url, execArgv }) };
}

function isFile(url: string): boolean {
  return URL.parse(url)?.protocol === "file:" && existsSync(fileURLToPath(url));
}
