// What a CSV file is written in: byte order mark, `sep=` line, line ends, delimiter. Read from the beginning of the file
// only, so that every start of a job, however its bytes arrive, comes to the same answer.
import { PermanentError } from "../domain/interruption.ts";
import type { ReadableFile } from "../ports/record-source.ts";
import type { LineEnd } from "./csv-encoding.ts";
import { refuseForeignFormat } from "./csv-foreign-format.ts";
import { type ParsedRecord, parseRecords } from "./csv-parser.ts";

export interface CsvDialect {
  readonly delimiter: string;
  /** `cr` when the first line ends with a lone CR. */
  readonly lineEnd: LineEnd;
  /** Where the text begins: after the byte order mark, and after a first line that says `sep=` and the delimiter. */
  readonly startByte: number;
  /** The line that it begins with. */
  readonly startLine: number;
}

const HEAD_BYTES = 64 * 1024;
/** When the first line is longer than that. */
const LONG_HEAD_BYTES = 4 * 1024 * 1024;
/** Records that the delimiter is judged by. */
const SAMPLE_RECORDS = 20;
/** In order of preference, where several fit equally well. */
const DELIMITERS = [",", ";", "\t", "|"];
const UTF8_BOM = Buffer.from("\ufeff");
/** What Excel reads above the header. A character that is not UTF-8 is none. */
const SEP_LINE = /^("?)sep=([^"\r\n\ufffd])\1(?:\r\n|[\r\n]|$)/iu;
const SEP_LINE_BYTES = 16;
const LF = 10;
const CR = 13;
const QUOTE = 34;

/** Throws a `PermanentError` when the file is something else than CSV text, or the delimiter cannot be one. */
export async function detectDialect(file: ReadableFile, delimiter?: string): Promise<CsvDialect> {
  if (delimiter !== undefined) checkDelimiter(delimiter);
  const head = await readHead(file, HEAD_BYTES);
  refuseForeignFormat(file.name, head);
  const dialect = dialectOf(head, delimiter);
  if (dialect.lineEnd !== null || head.length < HEAD_BYTES) return { ...dialect, lineEnd: dialect.lineEnd ?? "lf" };
  const longer = dialectOf(await readHead(file, LONG_HEAD_BYTES), delimiter);
  return { ...longer, lineEnd: longer.lineEnd ?? "lf" };
}

async function readHead(file: ReadableFile, length: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of file.read()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}

type HeadDialect = Omit<CsvDialect, "lineEnd"> & { readonly lineEnd: LineEnd | null };

/** `lineEnd` is `null` when the head does not hold a whole line. */
function dialectOf(head: Buffer, given?: string): HeadDialect {
  const textByte = bomBytes(head);
  const sep = SEP_LINE.exec(head.subarray(textByte, textByte + SEP_LINE_BYTES).toString());
  const startByte = textByte + Buffer.byteLength(sep?.[0] ?? "");
  const body = head.subarray(startByte);
  const known = given ?? sep?.[2];
  const lineEnd = firstLineEnd(body, known === undefined ? DELIMITERS : [known]);
  const delimiter = known ?? detectDelimiter(body, lineEnd ?? "lf");
  return { startByte, startLine: sep ? 2 : 1, lineEnd, delimiter };
}

/** Programs that put files together leave more than one mark. */
function bomBytes(head: Buffer): number {
  let bytes = 0;
  while (head.subarray(bytes, bytes + UTF8_BOM.length).equals(UTF8_BOM)) bytes += UTF8_BOM.length;
  return bytes;
}

/** How the first line ends that does not end inside a quoted field. */
function firstLineEnd(bytes: Buffer, delimiters: readonly string[]): LineEnd | null {
  const beforeFields = new Set(delimiters.map((delimiter) => Buffer.from(delimiter).at(-1)));
  let quoted = false;
  let atFieldStart = true;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    const next = bytes[at + 1];
    if (quoted) {
      if (byte === QUOTE && next === QUOTE) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === LF) return "lf";
    else if (byte === CR && next !== undefined) return next === LF ? "lf" : "cr";
    else quoted = byte === QUOTE && atFieldStart;
    atFieldStart = beforeFields.has(byte);
  }
  return null;
}

/** How well a delimiter fits, the most important figure first. */
type Fit = readonly [agreeing: number, tight: number, fields: number];

/** The candidate that cuts the most records into as many fields as the first one has, then into the most fields. */
function detectDelimiter(bytes: Buffer, lineEnd: LineEnd): string {
  const text = bytes.toString("latin1"); // never fails, and every candidate is ASCII
  let best: { readonly delimiter: string; readonly fit: Fit } = { delimiter: ",", fit: [0, 0, 0] };
  for (const delimiter of DELIMITERS) {
    const { records } = parseRecords(text, { delimiter, lineEnd, atEnd: false, limit: SAMPLE_RECORDS });
    const sample =
      records.length > 0 ? records : parseRecords(text, { delimiter, lineEnd, atEnd: true, limit: 1 }).records;
    const fit = fitOf(sample);
    if (isBetter(fit, best.fit)) best = { delimiter, fit };
  }
  return best.delimiter;
}

function fitOf(sample: readonly ParsedRecord[]): Fit {
  const fields = sample[0]?.fields.length ?? 1;
  if (fields < 2) return [0, 0, 0];
  const agreeing = sample.filter((record) => record.fields.length === fields).length / sample.length;
  // A comma in a sentence or in "Lovelace, Ada" has a space behind it; a delimiter seldom has one everywhere.
  const spaced = sample.every((record) => record.fields.slice(1).every((field) => field.startsWith(" ")));
  return [agreeing, spaced ? 0 : 1, fields];
}

function isBetter(fit: Fit, other: Fit): boolean {
  const index = fit.findIndex((figure, at) => figure !== other[at]);
  return index >= 0 && (fit[index] ?? 0) > (other[index] ?? 0);
}

function checkDelimiter(delimiter: string): void {
  if ([...delimiter].length === 1 && !/["\r\n\ufeff]/.test(delimiter)) return;
  throw new PermanentError(
    `The delimiter ${JSON.stringify(delimiter)} is not valid: use one character other than a quote or a line end.`,
    { code: "bad_delimiter" },
  );
}
