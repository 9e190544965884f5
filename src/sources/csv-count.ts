// Counts the records of a CSV file without building them: the bytes are looked at as Latin-1, in which every byte is a
// character, and go through the same parser as the records themselves.
import type { CsvDialect } from "./csv-dialect.ts";
import { parseRecords } from "./csv-parser.ts";
import { readBlocks } from "./csv-splitter.ts";

export interface CountOptions {
  readonly dialect: CsvDialect;
  readonly maxRecordBytes: number;
}

/**
 * Counts from a record's beginning to the end of the bytes, or to what ends the reading too: a record that is too large,
 * a quote that is never closed. So no more than such a record is ever in memory.
 */
export async function countRecords(
  chunks: AsyncIterable<Uint8Array>,
  { dialect: { delimiter, lineEnd }, maxRecordBytes }: CountOptions,
): Promise<number> {
  const delimiterBytes = Buffer.from(delimiter).toString("latin1");
  let records = 0;
  const counts = readBlocks(chunks, lineEnd, ({ bytes, atEnd, searched }) => {
    const text = bytes.toString("latin1");
    const { count, consumed } = parseRecords(text, { delimiter: delimiterBytes, lineEnd, atEnd, build: false });
    const isStuck = consumed === 0 && (atEnd || searched > maxRecordBytes);
    return { taken: isStuck ? bytes.length : consumed, value: isStuck ? null : count };
  });
  for await (const count of counts) {
    if (count === null) break;
    records += count;
  }
  return records;
}
