// Cuts decoded text into records and fields. One grammar, in one place: a field that begins with a quote runs to the
// quote that closes it, a doubled quote inside stands for one; any other quote is an ordinary character. Empty lines
// are no records. Invariant: what is given as consumed ends exactly after a record, and holds no part of the next
// one.
import type { LineEnd } from "./csv-encoding.ts";

/** Why a record cannot be taken as it is. `column` counts from 1. */
export interface CsvProblem {
  readonly column: number;
  readonly reason: string;
}

export interface ParsedRecord {
  readonly fields: readonly string[];
  /** Where it lies in the text, its line end included. */
  readonly start: number;
  readonly end: number;
  /** The line of the text that it begins in, from 0, and the one after it. */
  readonly line: number;
  readonly nextLine: number;
  readonly problem: CsvProblem | null;
}

export interface ParseOptions {
  readonly delimiter: string;
  readonly lineEnd: LineEnd;
  /** The file ends with this text: its last line needs no line end. */
  readonly atEnd: boolean;
  /** At most this many records. */
  readonly limit?: number;
  /** `false`: only count them. Default `true`. */
  readonly build?: boolean;
}

export interface ParsedText {
  /** Empty when they were only counted. */
  readonly records: readonly ParsedRecord[];
  readonly count: number;
  /** A quote that is open where the text ends: its line in the text, from 0, and its column, from 1. */
  readonly openQuote: { readonly line: number; readonly column: number } | null;
  /** Characters up to the end of the last record, and of the empty lines after it. */
  readonly consumed: number;
  readonly lines: number;
}

const CR = 13;

/** What is read, and where the next of each sign is. */
interface Scanner {
  readonly text: string;
  readonly delimiter: string;
  /** Index of the sign at or after `from`, or of the end of the text. `from` must never go back. */
  readonly lineEndFrom: (from: number) => number;
  readonly quoteFrom: (from: number) => number;
  readonly delimiterFrom: (from: number) => number;
}

/** Reads as many records as the text holds whole. */
export function parseRecords(text: string, options: ParseOptions): ParsedText {
  const { delimiter, lineEnd, atEnd, limit = Number.POSITIVE_INFINITY, build = true } = options;
  const scanner = createScanner(text, delimiter, lineEnd);
  const records: ParsedRecord[] = [];
  let count = 0;
  let at = 0;
  let line = 0;
  let openQuote: ParsedText["openQuote"] = null;
  while (at < text.length && count < limit) {
    const end = scanner.lineEndFrom(at);
    if (end === text.length && !atEnd) break;
    const contentEnd = withoutCr(text, at, end);
    if (contentEnd > at && scanner.quoteFrom(at) < contentEnd) {
      const record = readQuoted(scanner, { start: at, line, atEnd });
      if ("column" in record) {
        openQuote = record;
        break;
      }
      if (build) records.push(record);
      count++;
      at = record.end;
      line = record.nextLine;
      continue;
    }
    const next = Math.min(end + 1, text.length);
    if (contentEnd > at) {
      if (build)
        records.push({
          fields: text.slice(at, contentEnd).split(delimiter),
          start: at,
          end: next,
          line,
          nextLine: line + 1,
          problem: null,
        });
      count++;
    }
    at = next;
    line++;
  }
  return { records, count, openQuote, consumed: at, lines: line };
}

function createScanner(text: string, delimiter: string, lineEnd: LineEnd): Scanner {
  const lines = lineEnd === "cr" ? text.replaceAll("\r\n", " \n").replaceAll("\r", "\n") : text;
  return {
    text,
    delimiter,
    lineEndFrom: createFinder(lines, "\n"),
    quoteFrom: createFinder(text, '"'),
    delimiterFrom: createFinder(text, delimiter),
  };
}

/**
 * Finds the next `sign` at or after an index that only grows: a sign that is far away is searched for once, not once
 * a record.
 */
function createFinder(text: string, sign: string): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) {
      found = text.indexOf(sign, from);
      if (found < 0) found = text.length;
    }
    return found;
  };
}

/** A CR before the line end, or before the end of the text, belongs to it. */
const withoutCr = (text: string, start: number, end: number) =>
  end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end;

type OpenQuote = NonNullable<ParsedText["openQuote"]>;

interface Field {
  readonly value: string;
  /** Index of the delimiter or line end that ends it. */
  readonly end: number;
  /** Line ends inside it. */
  readonly lines: number;
  readonly problem: string | null;
}

/** Reads a record that holds a quote somewhere, field by field. */
function readQuoted(
  scanner: Scanner,
  from: { readonly start: number; readonly line: number; readonly atEnd: boolean },
): ParsedRecord | OpenQuote {
  const { text, delimiter } = scanner;
  const { start } = from;
  const fields: string[] = [];
  let problem: CsvProblem | null = null;
  let { line, start: at } = from;
  for (;;) {
    const field = text[at] === '"' ? quotedField(scanner, at) : plainField(scanner, at);
    if (field === null || (field.end >= text.length && !from.atEnd)) return { line, column: fields.length + 1 };
    fields.push(field.value);
    if (field.problem !== null) problem ??= { column: fields.length, reason: field.problem };
    line += field.lines;
    if (!text.startsWith(delimiter, field.end)) {
      return { fields, start, end: Math.min(field.end + 1, text.length), line: from.line, nextLine: line + 1, problem };
    }
    at = field.end + delimiter.length;
  }
}

function plainField({ text, lineEndFrom, delimiterFrom }: Scanner, start: number): Field {
  const lineEnd = lineEndFrom(start);
  const next = delimiterFrom(start);
  if (next < lineEnd) return { value: text.slice(start, next), end: next, lines: 0, problem: null };
  return { value: text.slice(start, withoutCr(text, start, lineEnd)), end: lineEnd, lines: 0, problem: null };
}

/** `null`: the closing quote is not in the text. */
function quotedField(scanner: Scanner, start: number): Field | null {
  const { text, delimiter } = scanner;
  let close = text.indexOf('"', start + 1);
  let doubled = false;
  while (close >= 0 && text[close + 1] === '"') {
    doubled = true;
    close = text.indexOf('"', close + 2);
  }
  if (close < 0) return null;
  const inner = text.slice(start + 1, close);
  const value = doubled ? inner.replaceAll('""', '"') : inner;
  const lines = countLines(scanner, start, close);
  const after = close + 1;
  if (text.startsWith(delimiter, after)) return { value, end: after, lines, problem: null };
  const rest = plainField(scanner, after);
  if (rest.value === "") return { value, end: rest.end, lines, problem: null };
  // What was meant is not known: the field stays as it stands in the file, quotes and all.
  const asItStands = text.slice(start, after) + rest.value;
  return { value: asItStands, end: rest.end, lines, problem: "text follows the closing quote" };
}

function countLines({ lineEndFrom }: Scanner, from: number, to: number): number {
  let lines = 0;
  for (let at = lineEndFrom(from); at < to; at = lineEndFrom(at + 1)) lines++;
  return lines;
}
