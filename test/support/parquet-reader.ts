// Reads Parquet files with hyparquet, as somebody else would. Values are taken as they are stored: days and
// microseconds since 1970, text byte by byte.
import { type FileMetaData, parquetMetadata, parquetRead } from "hyparquet";

export interface ParquetFile {
  readonly metadata: FileMetaData;
  /** Names, in order. */
  readonly columns: readonly string[];
  /** The values of each row, in the order of the columns. */
  readonly rows: readonly (readonly unknown[])[];
}

// Without `ignoreBOM` a text that begins with U+FEFF would be read without it.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const asStored = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes),
  dateFromDays: (days: number) => days,
  timestampFromMicroseconds: (micros: bigint) => micros,
};

/** Reads a whole file. Throws what hyparquet throws when it is not one. */
export async function readParquet(bytes: Buffer): Promise<ParquetFile> {
  const file = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(file);
  let rows: readonly (readonly unknown[])[] = [];
  await parquetRead({ file, metadata, parsers: asStored, onComplete: (read) => (rows = read) });
  const [, ...elements] = metadata.schema;
  return { metadata, columns: elements.map(({ name }) => name), rows };
}
