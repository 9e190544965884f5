// `pawl serve`: a whole server in one process, until a signal ends it. The first SIGTERM or SIGINT drains; a second one
// ends the process at once, which loses nothing that was acknowledged.
import { constants } from "node:os";
import type { Command } from "commander";
import type { Logger } from "../../ports/logger.ts";
import type { Server } from "../compose.ts";
import { type ConfigSources, readConfig } from "../config.ts";
import { addNoCompat, addSettings } from "../flags.ts";
import { createLogger } from "../logger.ts";
import { configSchema } from "../settings.ts";
import { startMessage } from "../start-message.ts";

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
    .description("Serve the HTTP API and run jobs, with everything in one data folder.");
  addSettings(command, configSchema.keyof().options);
  addNoCompat(command);
  command
    .addHelpText("after", AFTER)
    .showHelpAfterError(AFTER_MISTAKE)
    .action((flags: ConfigSources["flags"]) => serve(flags));
}

async function serve(flags: ConfigSources["flags"]): Promise<void> {
  const config = readConfig(flags);
  const logger = createLogger({ level: config.logLevel });
  keepGoing(logger);
  // Loaded here, since the other commands start in half the time without it.
  const starting = import("../compose.ts").then(({ startServer }) => startServer(config, logger));
  stopOnSignal(starting, logger);
  const server = await starting;
  process.stdout.write(startMessage(server, config));
}

/** A promise that a job's code forgot must not end everybody's jobs, and neither must a closed terminal. */
function keepGoing(logger: Logger): void {
  process.on("unhandledRejection", (reason) =>
    logger.error({ err: reason }, "A promise was rejected and nobody handled it."),
  );
  process.stdout.on("error", () => undefined);
}

/** Listens from the first moment: as process 1 of a container, Node ignores a SIGTERM that nobody listens for. */
function stopOnSignal(starting: Promise<Server>, logger: Logger): void {
  let stopping = false;
  const onSignal = (signal: "SIGTERM" | "SIGINT") => {
    if (stopping) process.exit(128 + constants.signals[signal]);
    stopping = true;
    logger.info({ signal }, "Stopping: jobs go on at their checkpoints after the next start.");
    stop(starting).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, "The server did not stop cleanly.");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

async function stop(starting: Promise<Server>): Promise<void> {
  const server = await starting;
  await server.stop();
}
