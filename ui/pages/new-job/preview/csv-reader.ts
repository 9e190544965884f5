// The first records of a CSV text: quoted fields with line ends in them, LF, CRLF or CR, the delimiter guessed as the server
// guesses it. Only whole records are given: what the end of the head cuts is left out.

export interface CsvRow {
  /** The line that it begins in, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Why the server would not take it as it is. */
  readonly problem: string | null;
}

export interface CsvHead {
  readonly delimiter: string;
  /** `null`: there is no record at all. */
  readonly header: CsvRow | null;
  readonly rows: readonly CsvRow[];
  /** The line of a quote that is never closed; `null` when each is. */
  readonly openQuote: number | null;
}

export interface CsvHeadOptions {
  /** Default: what a `sep=` line says, else guessed. */
  readonly delimiter?: string | undefined;
  /** The file ends with this text: its last line needs no line end. */
  readonly isWhole: boolean;
  /** Rows at most. */
  readonly limit: number;
}

const DELIMITERS = [",", ";", "\t", "|"];
/** Records that a delimiter is judged by. */
const SAMPLE = 20;
const SEP_LINE = /^("?)sep=([^"\r\n])\1(?:\r\n|[\r\n]|$)/iu;

export function readCsvHead(text: string, { delimiter, isWhole, limit }: CsvHeadOptions): CsvHead {
  const sep = SEP_LINE.exec(text);
  const body = sep ? text.slice(sep[0].length) : text;
  const firstLine = sep ? 2 : 1;
  const used = delimiter ?? sep?.[2] ?? guessDelimiter(body, isWhole);
  const { records, openQuote } = parse(body, { delimiter: used, isWhole, limit: limit + 1 });
  const [header, ...rows] = records.map((record) => ({ ...record, line: record.line + firstLine }));
  return {
    delimiter: used,
    header: header ?? null,
    rows: header ? rows.map((row) => withCount(row, header.fields.length)) : [],
    openQuote: openQuote === null || !isWhole ? null : openQuote + firstLine,
  };
}

function withCount(row: CsvRow, expected: number): CsvRow {
  const { length } = row.fields;
  if (row.problem !== null || length === expected) return row;
  return { ...row, problem: `${length === 1 ? "1 field" : `${length} fields`}, but the header has ${expected}` };
}

/** The candidate that cuts the most records into as many fields as the first one has, then into the most fields. */
function guessDelimiter(text: string, isWhole: boolean): string {
  let best = { delimiter: ",", agreeing: 0, tight: 0, fields: 0 };
  for (const delimiter of DELIMITERS) {
    const { records } = parse(text, { delimiter, isWhole, limit: SAMPLE });
    const fields = records[0]?.fields.length ?? 1;
    if (fields < 2) continue;
    const agreeing = records.filter((record) => record.fields.length === fields).length / records.length;
    // A comma in a sentence has a space behind it; a delimiter seldom has one everywhere.
    const tight = records.every((record) => record.fields.slice(1).every((field) => field.startsWith(" "))) ? 0 : 1;
    const better = agreeing - best.agreeing || tight - best.tight || fields - best.fields;
    if (better > 0) best = { delimiter, agreeing, tight, fields };
  }
  return best.delimiter;
}

interface Parsed {
  /** Lines from 0. */
  readonly records: readonly CsvRow[];
  readonly openQuote: number | null;
}

interface ParseOptions {
  readonly delimiter: string;
  readonly isWhole: boolean;
  readonly limit: number;
}

interface Field {
  readonly value: string;
  /** Index of what ends it: a delimiter, a line end, or the end of the text. */
  readonly end: number;
  readonly lines: number;
  readonly problem: string | null;
}

function parse(text: string, { delimiter, isWhole, limit }: ParseOptions): Parsed {
  const records: CsvRow[] = [];
  let at = 0;
  let line = 0;
  while (at < text.length && records.length < limit) {
    const begun = line;
    const fields: string[] = [];
    let problem: string | null = null;
    for (;;) {
      const field = text[at] === '"' ? quotedField(text, at, delimiter) : plainField(text, at, delimiter);
      if (field === null) return { records, openQuote: line };
      fields.push(field.value);
      problem ??= field.problem;
      line += field.lines;
      at = field.end;
      if (!text.startsWith(delimiter, at) || at === text.length) break;
      at += delimiter.length;
    }
    if (at === text.length && !isWhole) break;
    at += text.startsWith("\r\n", at) ? 2 : 1;
    line++;
    // Empty lines are no records.
    if (fields.length > 1 || fields[0] !== "") records.push({ line: begun, fields, problem });
  }
  return { records, openQuote: null };
}

const isLineEnd = (sign: string | undefined) => sign === "\n" || sign === "\r";

function plainField(text: string, start: number, delimiter: string): Field {
  let end = start;
  while (end < text.length && !isLineEnd(text[end]) && !text.startsWith(delimiter, end)) end++;
  return { value: text.slice(start, end), end, lines: 0, problem: null };
}

/** `null`: the closing quote is not in the text. */
function quotedField(text: string, start: number, delimiter: string): Field | null {
  let close = text.indexOf('"', start + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) return null;
  const inner = text.slice(start + 1, close);
  const lines = inner.split(/\r\n|[\r\n]/).length - 1;
  const rest = plainField(text, close + 1, delimiter);
  if (rest.value === "") return { value: inner.replaceAll('""', '"'), end: rest.end, lines, problem: null };
  const asItStands = text.slice(start, close + 1) + rest.value;
  return { value: asItStands, end: rest.end, lines, problem: "text follows a closing quote" };
}
