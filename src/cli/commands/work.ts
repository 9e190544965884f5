// `pawl work`: runs jobs of a PostgreSQL database that servers and other workers share, without HTTP, until a signal ends it.
import type { Command } from "commander";
import { type Config, type ConfigSources, readConfig } from "../config.ts";
import { placeText } from "../database-place.ts";
import { addSettings } from "../flags.ts";
import { createLogger } from "../logger.ts";
import type { SettingName } from "../settings.ts";
import { untilSignal } from "../until-signal.ts";

/** What concerns running jobs, and not who submits them. */
const WORK_SETTINGS: readonly SettingName[] = [
  "database",
  "schema",
  "connections",
  "listenUrl",
  "leaseMs",
  "queues",
  "concurrency",
  "drainMs",
  "crashLimit",
  "retainSucceeded",
  "retainFailed",
  "retainCancelled",
  "retainRolledBack",
  "retainUploads",
  "retainAudit",
  "simpleStepMs",
  "dayMs",
  "reverseDelayMs",
  "reverseWorkers",
  "fileTaskStepMs",
  "logLevel",
];

const AFTER = `
Settings are given as for pawl serve. Start as many as you want, on as many machines: any of them may end at any time, and
the others go on with its jobs. Give all of them, and the servers, the same --crash-limit and --retain settings.

Stop it with Ctrl-C or SIGTERM: jobs stop at their next checkpoint and go on in another worker. A second signal ends it at
once.`;

/** Adds the command to the program. */
export function addWorkCommand(program: Command): void {
  const command = program
    .command("work")
    .description("Run jobs of a PostgreSQL database beside its servers and other workers, without HTTP.");
  addSettings(command, WORK_SETTINGS);
  command.addHelpText("after", AFTER).action((flags: ConfigSources["flags"]) => work(flags));
}

async function work(flags: ConfigSources["flags"]): Promise<void> {
  const config = readConfig(flags);
  const logger = createLogger({ level: config.logLevel });
  const start = async () => (await import("../compose.ts")).startWorker(config, logger);
  await untilSignal(start, logger);
  process.stdout.write(message(config));
}

const message = ({ database, schema, concurrency, queues }: Config) =>
  `Pawl works for ${placeText(database)}, schema ${schema}: up to ${concurrency} jobs at once, of ` +
  `${queues === null ? "all queues" : `the queue${queues.length === 1 ? "" : "s"} ${queues.join(", ")}`}.\n`;
