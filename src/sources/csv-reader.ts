// Turns the bytes of a file into records that know where they lie, so that reading can start again behind any of them.
import { PermanentError } from "../domain/interruption.ts";
import type { ReadableFile } from "../ports/record-source.ts";
import type { CsvDialect } from "./csv-dialect.ts";
import { decodeBlock } from "./csv-encoding.ts";
import { type CsvProblem, type ParsedRecord, type ParsedText, parseRecords } from "./csv-parser.ts";
import { type Block, readBlocks } from "./csv-splitter.ts";

/** Where a record begins: the byte from 0, the line from 1, and how many records are before it. */
export interface Place {
  readonly byte: number;
  readonly line: number;
  readonly record: number;
}

export interface LocatedRecord {
  readonly line: number;
  readonly fields: readonly string[];
  readonly problem: CsvProblem | null;
  /** Where the next record may begin. */
  readonly next: Place;
}

export interface CsvLimits {
  readonly maxFieldBytes: number;
  readonly maxRecordBytes: number;
}

export interface ReadOptions {
  readonly dialect: CsvDialect;
  readonly limits: CsvLimits;
  readonly from: Place;
}

interface LocatedBlock {
  readonly records: readonly LocatedRecord[];
  readonly next: Place;
}

/** Reads the records from a place to the end of the file, some at a time. No group is empty. */
export async function* readRecords(file: ReadableFile, options: ReadOptions): AsyncGenerator<readonly LocatedRecord[]> {
  let place = options.from;
  const groups = readBlocks(file.read(place.byte), options.dialect.lineEnd, (block) => {
    const { records, next } = readBlock(block, { ...options, from: place });
    const taken = next.byte - place.byte;
    place = next;
    return { taken, value: records };
  });
  for await (const records of groups) if (records.length > 0) yield records;
}

function readBlock({ bytes, atEnd, searched }: Block, { dialect, limits, from }: ReadOptions): LocatedBlock {
  const { delimiter, lineEnd } = dialect;
  const text = decodeBlock({ bytes, line: from.line, lineEnd, atEnd });
  const parsed = parseRecords(text, { delimiter, lineEnd, atEnd });
  if (parsed.consumed === 0) {
    if (searched > limits.maxRecordBytes) throw recordTooLarge(from.line, limits, parsed.openQuote);
    if (atEnd) throw unterminatedQuote(parsed, from);
  }
  const isAscii = text.length === bytes.length; // then characters are bytes
  return locate(parsed, {
    from,
    limits,
    bytesOf: isAscii ? distance : (start, end) => Buffer.byteLength(text.slice(start, end)),
  });
}

type BytesOf = (start: number, end: number) => number;
const distance: BytesOf = (start, end) => end - start;

interface LocateOptions {
  readonly from: Place;
  readonly limits: CsvLimits;
  /** How many bytes a part of the text is. */
  readonly bytesOf: BytesOf;
}

function locate(parsed: ParsedText, { from, limits, bytesOf }: LocateOptions): LocatedBlock {
  const records: LocatedRecord[] = [];
  let { byte } = from;
  let at = 0;
  for (const record of parsed.records) {
    if (record.start > at) byte += bytesOf(at, record.start);
    const size = bytesOf(record.start, record.end);
    const line = from.line + record.line;
    if (size > limits.maxRecordBytes) throw recordTooLarge(line, limits, null);
    byte += size;
    at = record.end;
    records.push({
      line,
      fields: record.fields,
      problem: size > limits.maxFieldBytes ? oversizedField(record, limits) : record.problem,
      next: { byte, line: from.line + record.nextLine, record: from.record + records.length + 1 },
    });
  }
  byte += bytesOf(at, parsed.consumed);
  return { records, next: { byte, line: from.line + parsed.lines, record: from.record + records.length } };
}

function oversizedField({ fields, problem }: ParsedRecord, { maxFieldBytes }: CsvLimits): CsvProblem | null {
  const index = fields.findIndex((field) => Buffer.byteLength(field) > maxFieldBytes);
  return index < 0
    ? problem
    : { column: index + 1, reason: `the field is larger than ${maxFieldBytes} bytes, the limit` };
}

function unterminatedQuote({ openQuote }: ParsedText, { line: firstLine }: Place): PermanentError {
  const line = firstLine + (openQuote?.line ?? 0);
  const column = openQuote?.column ?? 1;
  return new PermanentError(
    `The quote that begins in line ${line}, column ${column}, is never closed. Close it, or double it if it belongs to the text; if the file was cut off, upload it again, whole.`,
    { code: "unterminated_quote", details: { line, column } },
  );
}

function recordTooLarge(
  line: number,
  { maxRecordBytes }: CsvLimits,
  openQuote: ParsedText["openQuote"],
): PermanentError {
  const advice = openQuote
    ? `Close the quote that begins in column ${openQuote.column}, or make the record shorter.`
    : "Make it shorter.";
  return new PermanentError(
    `The record that begins in line ${line} is larger than ${maxRecordBytes} bytes, the limit. ${advice}`,
    {
      code: "record_too_large",
      details: { line },
    },
  );
}
