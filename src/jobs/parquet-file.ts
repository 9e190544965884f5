// The bytes of a Parquet file, one column chunk at a time; the footer is made of a few numbers for each of them.
// Invariant: the bytes depend on the values and on how they are grouped, on nothing else.
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import * as z from "zod";
import type { ParquetColumn, ParquetValue } from "./parquet-cells.ts";

/** What a file begins and ends with. */
export const MAGIC = "PAR1";
const CREATED_BY = "pawl";

/** A 64-bit integer is text: a JSON number cannot hold each of them. */
const bound = z.union([z.number(), z.string().regex(/^-?\d+$/)]);
const count = z.int().nonnegative();

/**
 * What the footer needs of a column chunk, short because a checkpoint holds it: bytes of its dictionary (0: it has
 * none), bytes in all, bytes before compression, cells without a value, and the smallest and the largest value, if the
 * column tells them and has any. Where a chunk lies follows from the lengths of those before it.
 */
const chunk = z.tuple([count, count, count, count, bound.nullable(), bound.nullable()]);
export type Chunk = z.infer<typeof chunk>;

/** What the footer needs of a row group. */
export const rowGroup = z.object({ rows: count, chunks: z.array(chunk) });
export type RowGroup = z.infer<typeof rowGroup>;

/** Encodes the values of one column in one row group. */
export async function columnChunk(
  { element, ranged }: ParquetColumn,
  values: readonly ParquetValue[],
): Promise<{ readonly bytes: Uint8Array; readonly chunk: Chunk }> {
  const { writer, file } = newFile([element]);
  await file.write({
    columnData: [
      {
        name: element.name,
        data: [...values],
        statistics: ranged,
        offsetIndex: false,
        encoding: element.type === "BOOLEAN" ? "PLAIN" : undefined,
      },
    ],
    rowGroupSize: values.length,
  });
  const written = file.row_groups[0]?.columns[0]?.meta_data;
  if (!written) throw new TypeError(`Nothing was written for the column "${element.name}".`);
  const { dictionary_page_offset: dictionaryAt, statistics } = written;
  return {
    bytes: bytesOf(writer),
    chunk: [
      dictionaryAt === undefined ? 0 : Number(written.data_page_offset - dictionaryAt),
      Number(written.total_compressed_size),
      Number(written.total_uncompressed_size),
      values.reduce<number>((nulls, value) => nulls + (value === null ? 1 : 0), 0),
      boundOf(statistics?.min_value),
      boundOf(statistics?.max_value),
    ],
  };
}

/** Encodes what stands behind the last row group. */
export async function footer(columns: readonly ParquetColumn[], groups: readonly RowGroup[]): Promise<Uint8Array> {
  const { writer, file } = newFile(columns.map(({ element }) => element));
  let at = MAGIC.length;
  for (const group of groups) {
    const start = at;
    const chunks = group.chunks.map((written, index) => {
      const described = describe(columns[index], written, { at, rows: group.rows });
      at += written[1];
      return described;
    });
    file.num_rows += BigInt(group.rows);
    file.row_groups.push({
      columns: chunks,
      num_rows: BigInt(group.rows),
      total_byte_size: group.chunks.reduce((sum, [, , uncompressed]) => sum + BigInt(uncompressed), 0n),
      total_compressed_size: BigInt(at - start),
    });
  }
  await file.finish();
  return bytesOf(writer);
}

type Elements = ConstructorParameters<typeof ParquetWriter>[0]["schema"];

function newFile(elements: Elements): { readonly writer: ByteWriter; readonly file: ParquetWriter } {
  const writer = new ByteWriter();
  const root = { name: "schema", num_children: elements.length };
  return { writer, file: new ParquetWriter({ writer, schema: [root, ...elements], createdBy: CREATED_BY }) };
}

/** All bytes but the magic ones, which each writer begins with. */
const bytesOf = (writer: ByteWriter): Uint8Array => writer.getBytes().subarray(MAGIC.length);

type RowGroupOfWriter = ParquetWriter["row_groups"][number];

function describe(
  column: ParquetColumn | undefined,
  [dictionaryBytes, bytes, uncompressedBytes, nulls, min, max]: Chunk,
  { at, rows }: { readonly at: number; readonly rows: number },
): RowGroupOfWriter["columns"][number] {
  if (!column?.element.type) throw new TypeError("A row group has more columns than its file.");
  const { name, type } = column.element;
  return {
    file_offset: BigInt(at),
    meta_data: {
      type,
      encodings: dictionaryBytes > 0 ? ["PLAIN", "RLE_DICTIONARY"] : ["PLAIN"],
      path_in_schema: [name],
      codec: "SNAPPY",
      num_values: BigInt(rows),
      total_compressed_size: BigInt(bytes),
      total_uncompressed_size: BigInt(uncompressedBytes),
      data_page_offset: BigInt(at + dictionaryBytes),
      dictionary_page_offset: dictionaryBytes > 0 ? BigInt(at) : undefined,
      statistics: { null_count: BigInt(nulls), min_value: storedBound(min), max_value: storedBound(max) },
    },
  };
}

function boundOf(value: unknown): Chunk[4] {
  if (typeof value === "bigint") return String(value);
  return typeof value === "number" ? value + 0 : null; // JSON has no -0
}

function storedBound(stored: Chunk[4]): bigint | number | undefined {
  return typeof stored === "string" ? BigInt(stored) : (stored ?? undefined);
}
