// The configuration: flags over environment over `.env` over defaults, validated once. All mistakes are reported
// together, each by the name under which it was written. The only file that reads the environment.
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import type { z } from "zod";
import { type InputProblem, PawlError } from "../domain/errors.ts";
import { withoutPassword } from "./database-place.ts";
import { configSchema, SETTINGS, type SettingName } from "./settings.ts";
import { nearest } from "./spelling.ts";
import { systemErrorCode } from "./system-error.ts";

/** A valid configuration. Paths are absolute. */
export type Config = Readonly<z.output<typeof configSchema>>;

type Variables = Readonly<Record<string, string | undefined>>;

/** What was written where. Flags go by the setting's name, the others by variable. */
export interface ConfigSources {
  readonly flags: { readonly [Name in SettingName]?: string };
  readonly environment: Variables;
  /** The variables of the `.env` file. */
  readonly file: Variables;
}

/** A text, and the name under which it was written. */
interface Written {
  readonly name: SettingName;
  readonly text: string;
  readonly origin: string;
}

/**
 * Answers the configuration that the sources describe; an empty text counts as not set.
 * Throws `invalid_config` with every mistake in one message.
 */
export function parseConfig(sources: ConfigSources): Config {
  const written = configSchema.keyof().options.map((name) => find(name, sources));
  const parsed = configSchema.safeParse(Object.fromEntries(written.map(({ name, text }) => [name, text])));
  const mistakes = [...unknownVariables(sources), ...mistakesOf(written, parsed.error?.issues ?? [])];
  if (!parsed.success || mistakes.length > 0) throw invalidConfig(mistakes);
  return parsed.data;
}

/** Reads flags, this process's environment and the `.env` file of the working directory. */
export function readConfig(flags: ConfigSources["flags"]): Config {
  return parseConfig({ flags, environment: process.env, file: readEnvFile(path.resolve(".env")) });
}

function readEnvFile(file: string): Variables {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return {};
    throw new PawlError(
      "invalid_config",
      `The file ${file} cannot be read (${systemErrorCode(error)}). Allow it, or remove the file.`,
      {
        cause: error,
      },
    );
  }
}

function find(name: SettingName, sources: ConfigSources): Written {
  const { flag, variable, text: fallback } = SETTINGS[name];
  const places = [
    { text: sources.flags[name], origin: flag.replace(/ .*/, "") },
    { text: sources.environment[variable], origin: variable },
    { text: sources.file[variable], origin: `${variable} in .env` },
  ];
  for (const { text, origin } of places) if (text !== undefined && text !== "") return { name, text, origin };
  const text = name === "database" ? path.join(find("data", sources).text, "pawl.db") : fallback;
  return { name, text, origin: variable };
}

/** Variables that look like settings but are none: a typing mistake there must not go unnoticed. */
function unknownVariables(sources: ConfigSources): InputProblem[] {
  const known = Object.values(SETTINGS).map(({ variable }) => variable);
  const unknown = (variables: Variables, where: string) =>
    Object.keys(variables)
      .filter((variable) => variable.startsWith("PAWL_") && !known.includes(variable))
      .map((variable) => ({ pointer: variable + where, message: `is not a setting of Pawl; ${advice(variable)}` }));
  const advice = (variable: string) => {
    const meant = nearest(variable, known);
    return meant === null ? `the settings are ${known.join(", ")}` : `did you mean ${meant}?`;
  };
  return [...unknown(sources.environment, ""), ...unknown(sources.file, " in .env")];
}

function mistakesOf(written: readonly Written[], issues: readonly z.core.$ZodIssue[]): InputProblem[] {
  return issues.map((issue) => {
    const place = written.find(({ name }) => name === issue.path[0]);
    return {
      pointer: place?.origin ?? "",
      message: `${issue.message}; it is ${JSON.stringify(withoutPassword(place?.text ?? ""))}`,
    };
  });
}

function invalidConfig(mistakes: readonly InputProblem[]): PawlError {
  const lines = mistakes.map(({ pointer, message }) => `  ${pointer} ${message}`);
  return new PawlError("invalid_config", ["The configuration is not valid:", ...lines].join("\n"), {
    errors: mistakes,
  });
}
