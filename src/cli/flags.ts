// Settings as flags of a command. The help names each one's variable and default, from the table of settings.
import { type Command, Option } from "commander";
import { PawlError } from "../domain/errors.ts";
import { SETTINGS, type SettingName } from "./settings.ts";

/** Adds these settings to the command. */
export function addSettings(command: Command, names: readonly SettingName[]): void {
  for (const name of names) {
    const { flag, variable, text, description } = SETTINGS[name];
    const fallback = text === "" ? "" : `, default ${text}`;
    command.option(flag, `${description} (${variable}${fallback})`);
  }
}

/** Adds `--no-compat`, another spelling of `--compat off`, to a command that has `--compat`. */
export function addNoCompat(command: Command): void {
  command.addOption(new Option("--no-compat", "The same as --compat off.").preset("off"));
  for (const option of command.options) if (option.attributeName() === "compat") option.argParser(agreeing);
}

/** Of two contradicting flags the last one would win unnoticed. */
function agreeing(text: string, earlier: string | undefined): string {
  if (earlier === undefined || earlier === text) return text;
  throw new PawlError(
    "invalid_config",
    `The configuration is not valid:\n  --compat ${earlier} and --compat ${text} contradict each other, and --no-compat means --compat off; leave one out`,
  );
}
