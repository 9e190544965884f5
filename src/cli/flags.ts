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

/** Adds `--no-<name>`, another spelling of `--<name> off`, to a command that has `--<name>`. */
export function addNegation(command: Command, name: "compat" | "work"): void {
  command.addOption(new Option(`--no-${name}`, `The same as --${name} off.`).preset("off"));
  for (const option of command.options) if (option.attributeName() === name) option.argParser(agreeing(name));
}

/** Of two contradicting flags the last one would win unnoticed. */
const agreeing = (name: string) => (text: string, earlier: string | undefined) => {
  if (earlier === undefined || earlier === text) return text;
  throw new PawlError(
    "invalid_config",
    `The configuration is not valid:\n  --${name} ${earlier} and --${name} ${text} contradict each other, and --no-${name} means --${name} off; leave one out`,
  );
};
