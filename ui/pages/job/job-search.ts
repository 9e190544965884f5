// What of the page the address holds: the tab, and what of the log is shown.
import { LOG_LEVELS, type LogLevel } from "../../../src/domain/history.ts";

export const TABS = ["log", "input", "output", "error", "history", "raw"] as const;
export type Tab = (typeof TABS)[number];

export interface JobSearch {
  /** Default: the log. */
  readonly tab?: Tab;
  /** Lines of this level and above. Default: all. */
  readonly level?: LogLevel;
  /** Lines that hold this text. */
  readonly q?: string;
  /** The line of the log that is pointed at. */
  readonly line?: number;
  /** `false`: the log stays where it is while lines come. Default: its end is shown. */
  readonly follow?: false;
}

/** What is not understood is left out. The address may have read a text such as `7` as a number. */
export function jobSearch({ tab, level, q, line, follow }: Readonly<Record<string, unknown>>): JobSearch {
  const knownTab = TABS.find((name) => name === tab);
  const knownLevel = LOG_LEVELS.find((name) => name === level);
  const text = typeof q === "string" || typeof q === "number" || typeof q === "boolean" ? String(q) : "";
  return {
    ...(knownTab === undefined || knownTab === "log" ? {} : { tab: knownTab }),
    ...(knownLevel === undefined || knownLevel === "debug" ? {} : { level: knownLevel }),
    ...(text === "" ? {} : { q: text }),
    ...(Number.isInteger(line) && Number(line) > 0 ? { line: Number(line) } : {}),
    ...(follow === false ? { follow } : {}),
  };
}
