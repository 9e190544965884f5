// Files that are too large to be stored here: made when they are tested, always the same.
import { badHeader, type CsvCase, type ExpectedRecord, rowRejected } from "../csv-case.ts";

const KIBIBYTE = 1_024;
const MEBIBYTE = KIBIBYTE * KIBIBYTE;
/** Where the reader cuts the bytes of a file. */
const BLOCK = 64 * KIBIBYTE;
const FIELD_LIMIT = MEBIBYTE;
const RECORD_LIMIT = 4 * MEBIBYTE;

const columns = ["id", "text"];
const text = (content: string) => () => Buffer.from(content);
const names = (count: number, length = 1) => Array.from({ length: count }, (_, n) => `c${n}`.padEnd(length, "_"));
const values = (count: number) => Array.from({ length: count }, (_, n) => String(n));

const HEADER = "id,text\n";
const fillerFor = (before: number) => "x".repeat(BLOCK - before - "1,".length - '\n2,"'.length);

/** Behind the header, `what` begins `before` bytes before the end of the first block, in the cell of line 3. */
function acrossBlocks(file: string, what: string, before: number): Pick<CsvCase, "file" | "bytes"> {
  return { file, bytes: text(`${HEADER}1,${fillerFor(before)}\n2,"${what}"\n3,c\n`) };
}

const acrossBlocksRecords = (value: string, before: number, nextLine = 4): readonly ExpectedRecord[] => [
  [2, "1", fillerFor(before)],
  [3, "2", value],
  [nextLine, "3", "c"],
];

const BLOCKS: readonly CsvCase[] = [
  ...[1, 2, 3].map((before) => ({
    ...acrossBlocks(`block-emoji-${before}.csv`, "\u{1f642}", before),
    why: `an emoji, ${before} of its bytes in the first block`,
    columns,
    records: acrossBlocksRecords("\u{1f642}", before),
    refused: null,
  })),
  {
    ...acrossBlocks("block-combining.csv", "e\u0301", 1),
    why: "a letter in the first block, its accent in the second",
    columns,
    records: acrossBlocksRecords("e\u0301", 1),
    refused: null,
  },
  {
    ...acrossBlocks("block-crlf.csv", "a\r\nb", 2),
    why: "CR in the first block, LF in the second",
    columns,
    records: acrossBlocksRecords("a\r\nb", 2, 5),
    refused: null,
  },
  {
    ...acrossBlocks("block-quotes.csv", 'a""b', 2),
    why: "a doubled quote, one half in each block",
    columns,
    records: acrossBlocksRecords('a"b', 2),
    refused: null,
  },
  {
    file: "block-cr-file.csv",
    why: "a file with CR and CRLF, the CR of a CRLF last in its block",
    lineEnds: "cr",
    bytes: text(`id,text\r1,${"x".repeat(BLOCK - 3)}\r\n2,b\r`),
    columns,
    records: [
      [2, "1", "x".repeat(BLOCK - 3)],
      [3, "2", "b"],
    ],
    refused: null,
  },
];

const CELLS: readonly CsvCase[] = [
  {
    file: "cell-of-the-limit.csv",
    why: "a cell of exactly 1 MiB, larger than any block",
    bytes: text(`id,text\n1,${"x".repeat(FIELD_LIMIT)}\n2,b\n`),
    columns,
    records: [
      [2, "1", "x".repeat(FIELD_LIMIT)],
      [3, "2", "b"],
    ],
    refused: null,
  },
  {
    file: "cell-over-the-limit.csv",
    why: "a byte more is told, and shown shortened",
    bytes: text(`id,text\n1,${"x".repeat(FIELD_LIMIT + 1)}\n2,b\n`),
    columns,
    records: [
      [2, "1", "x".repeat(FIELD_LIMIT + 1)],
      [3, "2", "b"],
    ],
    problems: { 2: `column 2: the field is larger than ${FIELD_LIMIT} bytes, the limit` },
    refused: rowRejected(
      2,
      `column 2: the field is larger than ${FIELD_LIMIT} bytes, the limit (found "${"x".repeat(200)}…")`,
    ),
  },
  {
    file: "cell-of-emoji-over-the-limit.csv",
    why: "the limit is one of bytes, and shortening cuts no character in two",
    bytes: text(`id,text\n1,x${"\u{1f642}".repeat(FIELD_LIMIT / 4)}\n2,b\n`),
    columns,
    records: [
      [2, "1", `x${"\u{1f642}".repeat(FIELD_LIMIT / 4)}`],
      [3, "2", "b"],
    ],
    problems: { 2: `column 2: the field is larger than ${FIELD_LIMIT} bytes, the limit` },
    refused: rowRejected(
      2,
      `column 2: the field is larger than ${FIELD_LIMIT} bytes, the limit (found "x${"\u{1f642}".repeat(99)}…")`,
    ),
  },
  {
    file: "record-over-the-limit.csv",
    why: "a record that would not fit into the memory planned for it",
    bytes: text(`id,text\n1,a\n2,${"x".repeat(RECORD_LIMIT)}\n`),
    refused: {
      code: "record_too_large",
      line: 3,
      message: `The record that begins in line 3 is larger than ${RECORD_LIMIT} bytes, the limit. Make it shorter.`,
    },
  },
  {
    file: "quote-unclosed-for-megabytes.csv",
    why: "an open quote is told long before the end of a large file",
    bytes: text(`id,text\n1,a\n2,"b\n${"3,c\n".repeat((3 * RECORD_LIMIT) / 4)}`),
    refused: {
      code: "record_too_large",
      line: 3,
      message: `The record that begins in line 3 is larger than ${RECORD_LIMIT} bytes, the limit. Close the quote that begins in column 2, or make the record shorter.`,
    },
  },
];

const COLUMNS: readonly CsvCase[] = [
  {
    file: "columns-2000.csv",
    why: "as many columns as there may be",
    bytes: text(`${names(2_000).join(",")}\n${values(2_000).join(",")}\n`),
    columns: names(2_000),
    records: [[2, ...values(2_000)]],
    refused: null,
  },
  {
    file: "columns-2001.csv",
    why: "one more",
    bytes: text(`${names(2_001).join(",")}\n${values(2_001).join(",")}\n`),
    columns: names(2_001),
    records: [[2, ...values(2_001)]],
    refused: badHeader(1, "it names 2001 columns; 2000 is the limit"),
  },
  {
    file: "header-longer-than-a-block.csv",
    why: "the kind of line end stands behind the first 64 KiB",
    lineEnds: "cr",
    bytes: text(`${names(900, 80).join(",")}\r${values(900).join(",")}\r`),
    columns: names(900, 80),
    records: [[2, ...values(900)]],
    refused: null,
  },
  {
    file: "header-huge-name.csv",
    why: "a name of half a megabyte, twice: the message stays short",
    bytes: text(`${"n".repeat(MEBIBYTE / 2)},${"n".repeat(MEBIBYTE / 2)}\n1,2\n`),
    columns: ["n".repeat(MEBIBYTE / 2), "n".repeat(MEBIBYTE / 2)],
    records: [[2, "1", "2"]],
    refused: badHeader(1, `columns 1 and 2 are both named "${"n".repeat(200)}…"`),
  },
];

export const SIZES: readonly CsvCase[] = [...BLOCKS, ...CELLS, ...COLUMNS];
