// The `pawl` command: hands over to one file a verb, and turns what goes wrong into one clear message and an exit code.
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { z } from "zod";
import { ERROR_CODES, PawlError } from "../domain/errors.ts";
import { addMigrateCommand } from "./commands/migrate.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addTokensCommand } from "./commands/tokens.ts";
import { addWorkCommand } from "./commands/work.ts";

const USAGE_EXIT_CODE = 2;

const manifest = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")));

const program = new Command("pawl")
  .description("Long jobs that a person can pause, resume, stop, kill and undo while they run.")
  .version(manifest.version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "pawl: ")) });
addServeCommand(program);
addWorkCommand(program);
addTokensCommand(program);
addMigrateCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exit(report(error));
}

/** Tells a person what went wrong, and answers the exit code. */
function report(error: unknown): number {
  // Commander has already printed its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  if (error instanceof PawlError) {
    process.stderr.write(`pawl: ${error.message}\n`);
    return ERROR_CODES[error.code].exitCode;
  }
  process.stderr.write(`pawl: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return ERROR_CODES.internal.exitCode;
}
