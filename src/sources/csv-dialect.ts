// What a CSV file is written in: byte order mark, line ends, delimiter. Read from its first 64 KiB only, so that every
// start of a job, however its bytes arrive, comes to the same answer.
import { PermanentError } from "../domain/interruption.ts";
import type { ReadableFile } from "../ports/record-source.ts";
import { type LineEnd, refuseForeignFormat } from "./csv-encoding.ts";
import { parseRecords } from "./csv-parser.ts";

export interface CsvDialect {
  readonly delimiter: string;
  /** `cr` when the first line ends with a lone CR. */
  readonly lineEnd: LineEnd;
  /** Where the text begins: after the byte order mark. */
  readonly startByte: number;
}

const HEAD_BYTES = 64 * 1024;
/** Records that the delimiter is judged by. */
const SAMPLE_RECORDS = 20;
/** In order of preference, where several fit equally well. */
const DELIMITERS = [",", ";", "\t", "|"];
const UTF8_BOM_BYTES = 3;
const LF = 10;
const CR = 13;
const QUOTE = 34;

/** Throws a `PermanentError` when the file is something else than CSV text, or the delimiter cannot be one. */
export async function detectDialect(file: ReadableFile, delimiter?: string): Promise<CsvDialect> {
  const head = await readHead(file);
  refuseForeignFormat(file.name, head);
  const startByte = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? UTF8_BOM_BYTES : 0;
  const body = head.subarray(startByte);
  const lineEnd = detectLineEnd(body);
  return {
    startByte,
    lineEnd,
    delimiter: delimiter === undefined ? detectDelimiter(body, lineEnd) : checkDelimiter(delimiter),
  };
}

async function readHead(file: ReadableFile): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of file.read()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}

function detectLineEnd(bytes: Uint8Array): LineEnd {
  let quoted = false;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === QUOTE) quoted = !quoted;
    else if (!quoted && bytes[i] === LF) return "lf";
    else if (!quoted && bytes[i] === CR) return bytes[i + 1] === LF ? "lf" : "cr";
  }
  return "lf";
}

/** The candidate that cuts the most records into as many fields as the first one has, then into the most fields. */
function detectDelimiter(bytes: Buffer, lineEnd: LineEnd): string {
  const text = bytes.toString("latin1"); // never fails, and every candidate is ASCII
  let best = { delimiter: ",", agreeing: 0, fields: 1 };
  for (const delimiter of DELIMITERS) {
    const { records } = parseRecords(text, { delimiter, lineEnd, atEnd: false, limit: SAMPLE_RECORDS });
    const sample =
      records.length > 0 ? records : parseRecords(text, { delimiter, lineEnd, atEnd: true, limit: 1 }).records;
    const fields = sample[0]?.fields.length ?? 1;
    if (fields < 2) continue;
    const agreeing = sample.filter((record) => record.fields.length === fields).length / sample.length;
    if (agreeing > best.agreeing || (agreeing === best.agreeing && fields > best.fields))
      best = { delimiter, agreeing, fields };
  }
  return best.delimiter;
}

function checkDelimiter(delimiter: string): string {
  if ([...delimiter].length === 1 && !/["\r\n\ufeff]/.test(delimiter)) return delimiter;
  throw new PermanentError(
    `The delimiter ${JSON.stringify(delimiter)} is not valid: use one character other than a quote or a line end.`,
    {
      code: "bad_delimiter",
    },
  );
}
