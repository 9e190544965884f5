// `pawl migrate`: moves everything from a data folder into PostgreSQL while no server runs. Progress goes to stderr, what
// was moved to stdout.
import type { Command } from "commander";
import { systemClock } from "../../engine/system-clock.ts";
import { type ConfigSources, readConfig } from "../config.ts";
import { addSettings } from "../flags.ts";
import { createLogger } from "../logger.ts";

const AFTER = `
Stop the server first. Nothing in the data folder changes, so it stays what you can go back to. What arrives is counted
and compared by checksums, and no server starts on the schema before that is done. Interrupted, or run again before a
server has used the schema, it starts over; a schema that is in use is never overwritten.`;

type SettingFlags = ConfigSources["flags"];

interface Flags extends SettingFlags {
  readonly from: string;
  readonly to: string;
}

/** Adds the command to the program. */
export function addMigrateCommand(program: Command): void {
  const command = program
    .command("migrate")
    .description("Move all jobs, files, datasets and tokens from a data folder into PostgreSQL.")
    .requiredOption("--from <where>", "Required. The data folder, sqlite:<path of its database>, or sqlite for --data.")
    .requiredOption(
      "--to <where>",
      "Required. postgres://user:password@host/database, straight to the server and not to a pooler, or postgres for " +
        "what PAWL_DATABASE says.",
    );
  addSettings(command, ["data", "schema"]);
  command.addHelpText("after", AFTER).action((flags: Flags) => migrate(flags));
}

async function migrate({ from, to, ...flags }: Flags): Promise<void> {
  const config = readConfig(flags);
  const { sourceOf, targetOf } = await import("../transfer/places.ts");
  const place = sourceOf(from, config, { folderIsGiven: flags.data !== undefined });
  const url = targetOf(to, config);
  const { runTransfer } = await import("../transfer/run.ts");
  const report = await runTransfer({
    place,
    url,
    schema: config.schema,
    clock: systemClock,
    logger: createLogger({ level: "warn" }),
    say: (line) => process.stderr.write(`pawl: ${line}\n`),
  });
  process.stdout.write(report);
}
