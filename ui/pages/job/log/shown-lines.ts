// Which lines of the log are shown: from a level on, and with a text. What was filtered already is not looked at again when
// lines come.
import { useRef } from "react";
import type { Json, LogLine } from "../../../../src/client/index.ts";
import { LOG_LEVELS, type LogLevel } from "../../../../src/domain/history.ts";

export interface LineFilter {
  readonly level: LogLevel | undefined;
  readonly q: string | undefined;
}

export const isFiltered = ({ level, q }: LineFilter): boolean => level !== undefined || q !== undefined;

/** The fields of a line as text, `null` where there are none. */
export function fieldsText(fields: Json): string | null {
  if (fields === null || typeof fields !== "object") return fields === null ? null : String(fields);
  const parts = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return parts.length === 0 ? null : parts.join(" ");
}

function fits(line: LogLine, least: number, text: string): boolean {
  if (LOG_LEVELS.indexOf(line.level) < least) return false;
  if (text === "" || line.message.toLowerCase().includes(text)) return true;
  return line.fields !== null && (fieldsText(line.fields) ?? "").toLowerCase().includes(text);
}

interface Filtered {
  readonly key: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly shown: readonly LogLine[];
}

export function useShownLines(lines: readonly LogLine[], filter: LineFilter): readonly LogLine[] {
  const before = useRef<Filtered>(null);
  if (!isFiltered(filter)) return lines;
  const next = filtered(lines, filter, before.current);
  before.current = next;
  return next.shown;
}

function filtered(lines: readonly LogLine[], { level, q = "" }: LineFilter, before: Filtered | null): Filtered {
  const key = `${level}:${q}`;
  const firstSeq = lines[0]?.seq ?? 0;
  const lastSeq = lines.at(-1)?.seq ?? 0;
  const goesOn = before?.key === key && before.firstSeq === firstSeq;
  if (goesOn && before.lastSeq === lastSeq) return before;
  const least = level === undefined ? 0 : LOG_LEVELS.indexOf(level);
  const text = q.toLowerCase();
  // Lines are without gaps, so that the known ones can be counted.
  const added = (goesOn ? lines.slice(before.lastSeq - firstSeq + 1) : lines).filter((line) => fits(line, least, text));
  if (goesOn && added.length === 0) return { ...before, lastSeq };
  return { key, firstSeq, lastSeq, shown: goesOn ? [...before.shown, ...added] : added };
}
