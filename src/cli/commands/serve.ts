// `pawl serve`: the HTTP API, and workers beside it unless others run the jobs, until a signal ends it.
import type { Command } from "commander";
import { type ConfigSources, readConfig } from "../config.ts";
import { addNegation, addSettings } from "../flags.ts";
import { createLogger } from "../logger.ts";
import { configSchema } from "../settings.ts";
import { startMessage } from "../start-message.ts";
import { untilSignal } from "../until-signal.ts";

const AFTER = `
Each setting can be given as a flag, as an environment variable, or as a line such as PAWL_PORT=9000 in a file named
.env in the working directory. A flag wins over the environment, the environment over the file. All mistakes are
reported together; a PAWL_ variable that does not exist counts as one. With npm, flags follow two dashes, as in
npm start -- --port 9000: without them npm takes the flags for its own.

Stop it with Ctrl-C or SIGTERM: jobs stop at their next checkpoint and go on after the next start. A second signal ends
it at once.`;

const AFTER_MISTAKE = "(npm passes flags on behind two dashes only: npm start -- --port 9000. All flags: --help)";

/** Adds the command to the program. */
export function addServeCommand(program: Command): void {
  const command = program
    .command("serve")
    .description("Serve the HTTP API and run jobs, with everything in one data folder or one PostgreSQL database.");
  addSettings(command, configSchema.keyof().options);
  addNegation(command, "compat");
  addNegation(command, "work");
  command
    .addHelpText("after", AFTER)
    .showHelpAfterError(AFTER_MISTAKE)
    .action((flags: ConfigSources["flags"]) => serve(flags));
}

async function serve(flags: ConfigSources["flags"]): Promise<void> {
  const config = readConfig(flags);
  const logger = createLogger({ level: config.logLevel });
  // Loaded here, since the other commands start in half the time without it.
  const start = async () => (await import("../compose.ts")).startServer(config, logger);
  const server = await untilSignal(start, logger);
  process.stdout.write(startMessage(server, config));
}
