// Counts the records of a CSV file without building them: the bytes are looked at as Latin-1, in which every byte is a
// character, and go through the same parser as the records themselves.
import type { CsvDialect } from "./csv-dialect.ts";
import { parseRecords } from "./csv-parser.ts";
import { readBlocks } from "./csv-splitter.ts";

/**
 * Counts from a record's beginning to the end of the bytes. What follows a quote that is never closed does not count.
 */
export async function countRecords(
  chunks: AsyncIterable<Uint8Array>,
  { delimiter, lineEnd }: CsvDialect,
): Promise<number> {
  const delimiterBytes = Buffer.from(delimiter).toString("latin1");
  let records = 0;
  const counts = readBlocks(chunks, lineEnd, ({ bytes, atEnd }) => {
    const text = bytes.toString("latin1");
    const { count, consumed } = parseRecords(text, { delimiter: delimiterBytes, lineEnd, atEnd, build: false });
    return { taken: atEnd && consumed === 0 ? bytes.length : consumed, value: count };
  });
  for await (const count of counts) records += count;
  return records;
}
