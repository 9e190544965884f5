// Records of a stored CSV file, as a source that can start again behind any of them. Its cursor is the byte, the line
// and the number of the record that comes next, so a start costs a read of the header and one seek, wherever it is.
import { PermanentError } from "../domain/interruption.ts";
import type { ReadableFile, RecordSource, SourceContext, SourceEntry } from "../ports/record-source.ts";
import { countRecords } from "./csv-count.ts";
import { type CsvDialect, detectDialect } from "./csv-dialect.ts";
import type { CsvProblem } from "./csv-parser.ts";
import { type CsvLimits, type LocatedRecord, type Place, readRecords } from "./csv-reader.ts";

/** A record of a CSV file. */
export interface CsvRecord {
  /** The line that it begins in, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /**
   * Why it cannot be taken as it is: another number of fields than the header has, text behind a closing quote, a
   * field too large.
   */
  readonly problem: CsvProblem | null;
}

export interface CsvOptions {
  /** One character. Default: detected among comma, semicolon, tab and vertical bar. */
  readonly delimiter?: string;
  /** Whether the first record names the columns, and is no item. Default `true`. */
  readonly header?: boolean;
  /** A larger field is a problem of its record. Default 1 MiB. */
  readonly maxFieldBytes?: number;
  /** A larger record ends the reading with `record_too_large`. Default 4 MiB. */
  readonly maxRecordBytes?: number;
  /** The number of records, where it is known: spares the count at every start. */
  readonly total?: number;
}

/** The names of the columns, and the delimiter that stands between them. */
export interface CsvHeader {
  readonly columns: readonly string[];
  readonly delimiter: string;
  /** The line that it begins in: the first one that is not empty, and no `sep=` line. */
  readonly line: number;
}

const MEBIBYTE = 1024 * 1024;
/** Small enough that a group is parsed in a few milliseconds. */
const GROUP_RECORDS = 1_000;

interface OpenCsv {
  readonly file: ReadableFile;
  readonly dialect: CsvDialect;
  readonly limits: CsvLimits;
  readonly header: LocatedRecord | null;
  /** Where the first item begins. */
  readonly start: Place;
}

/**
 * The records of a stored CSV file in UTF-8: LF, CRLF or CR, quoted fields with line ends in them, empty lines left
 * out. Fails with a `PermanentError` that names the line: `not_csv`, `wrong_encoding`, `empty_file`, `bad_header`,
 * `unterminated_quote`, `record_too_large`. A record with the wrong number of fields is an item with a `problem`.
 *
 * @example
 * for await (const { line, fields } of job.iterate(csvRecords(job.input.file))) await send(line, fields);
 */
export function csvRecords(fileId: string, options: CsvOptions = {}): RecordSource<CsvRecord> {
  return {
    async *entries(context, cursor) {
      const csv = await openCsv(context, fileId, options);
      const from = cursor === null ? csv.start : placeOf(cursor);
      const toEntry = createEntry(csv.header?.fields.length ?? null);
      for await (const records of readRecords(csv.file, { dialect: csv.dialect, limits: csv.limits, from })) {
        for (let at = 0; at < records.length; at += GROUP_RECORDS)
          yield records.slice(at, at + GROUP_RECORDS).map(toEntry);
      }
    },
    async total(context) {
      return { total: options.total ?? (await countCsvRecords(context, fileId, options)), unit: "rows" };
    },
  };
}

/** Reads the header of a stored CSV file. Rejects with `empty_file` when there is none. */
export async function readCsvHeader(
  context: SourceContext,
  fileId: string,
  options: CsvOptions = {},
): Promise<CsvHeader> {
  const { header, dialect } = await openCsv(context, fileId, { ...options, header: true });
  return { columns: header?.fields ?? [], delimiter: dialect.delimiter, line: header?.line ?? 1 };
}

/**
 * Counts the records that `csvRecords` gives, in one fast pass over the bytes; about a second a gigabyte. Where the
 * reading fails, it may count more or fewer.
 */
export async function countCsvRecords(
  context: SourceContext,
  fileId: string,
  options: CsvOptions = {},
): Promise<number> {
  const { file, dialect, limits, start } = await openCsv(context, fileId, options);
  return countRecords(file.read(start.byte), { dialect, maxRecordBytes: limits.maxRecordBytes });
}

async function openCsv(context: SourceContext, fileId: string, options: CsvOptions): Promise<OpenCsv> {
  const file = await context.openFile(fileId);
  const dialect = await detectDialect(file, options.delimiter);
  const limits: CsvLimits = {
    maxFieldBytes: options.maxFieldBytes ?? MEBIBYTE,
    maxRecordBytes: options.maxRecordBytes ?? 4 * MEBIBYTE,
  };
  const start: Place = { byte: dialect.startByte, line: dialect.startLine, record: 0 };
  if (options.header === false) return { file, dialect, limits, header: null, start };
  const header = await firstRecord(file, { dialect, limits, from: start });
  if (!header) throw noHeader(file.name, start);
  if (header.problem) throw unreadableHeader(header.line, header.problem);
  return { file, dialect, limits, header, start: { ...header.next, record: 0 } };
}

function noHeader(name: string, { line }: Place): PermanentError {
  return new PermanentError(
    `The file "${name}" is empty: it has no header. Put the names of its columns into line ${line}, and upload it again.`,
    { code: "empty_file", details: { line } },
  );
}

function unreadableHeader(line: number, { column, reason }: CsvProblem): PermanentError {
  return new PermanentError(
    `The header in line ${line} cannot be read: column ${column}: ${reason}. Correct that line, and upload the file again.`,
    { code: "bad_header", details: { line, column } },
  );
}

async function firstRecord(...args: Parameters<typeof readRecords>): Promise<LocatedRecord | null> {
  for await (const records of readRecords(...args)) return records[0] ?? null;
  return null;
}

function createEntry(width: number | null): (record: LocatedRecord) => SourceEntry<CsvRecord> {
  return ({ line, fields, problem, next }) => ({
    item: {
      line,
      fields,
      problem: problem ?? (width === null || fields.length === width ? null : raggedness(fields.length, width)),
    },
    cursor: { byte: next.byte, line: next.line, record: next.record },
  });
}

function raggedness(actual: number, expected: number): CsvProblem {
  const fields = actual === 1 ? "1 field" : `${actual} fields`;
  return { column: Math.min(actual, expected) + 1, reason: `the record has ${fields}, but the header has ${expected}` };
}

function placeOf(cursor: unknown): Place {
  if (typeof cursor === "object" && cursor !== null && "byte" in cursor && "line" in cursor && "record" in cursor) {
    const { byte, line, record } = cursor;
    if (typeof byte === "number" && typeof line === "number" && typeof record === "number")
      return { byte, line, record };
  }
  throw new PermanentError("The cursor is not one of a CSV file. Run the job again from the start.", {
    code: "bad_cursor",
  });
}
