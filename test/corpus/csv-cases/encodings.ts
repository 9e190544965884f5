// Byte order marks, encodings and damaged text. What is not UTF-8 is refused with its line; no character is ever replaced.
import { badLine, type CsvCase, cutCharacter, noHeader, notInUtf8 } from "../csv-case.ts";

const columns = ["id", "name"];
const ada = [[2, "1", "Ada"]] as const;

const otherEncoding = (byte: string) =>
  `is not UTF-8 (byte 0x${byte}): it is damaged, or in another encoding, perhaps windows-1252, which Excel calls just "CSV"`;
const damaged = (byte: string) => `is not UTF-8 (byte 0x${byte}): the text is damaged`;
const NUL = "holds a NUL byte: the file is not text, or it is damaged";

export const ENCODINGS: readonly CsvCase[] = [
  { file: "bom.csv", why: "Excel's mark is no part of the first name", columns, records: ada, refused: null },
  {
    file: "bom-quoted-header.csv",
    why: "nor when that name is quoted",
    columns,
    records: ada,
    refused: null,
  },
  {
    file: "bom-twice.csv",
    why: "programs that put files together leave more than one mark",
    columns,
    records: ada,
    refused: null,
    csvParseDiffers: "leaves the second mark, which nobody can see, in the first name",
  },
  { file: "bom-only.csv", why: "a mark and nothing else is an empty file", refused: noHeader(1) },
  { file: "bom-header-only.csv", why: "a mark and a header are no rows", columns, records: [], refused: null },
  {
    file: "bom-in-the-middle.csv",
    why: "in the middle of a file the mark is a character, and stays",
    columns: ["name", "id"],
    records: [
      [2, "Ada", "1"],
      [3, "\ufeffBob", "2"],
    ],
    refused: null,
  },
  { file: "utf16le.csv", why: "Excel's “Unicode text”", refused: notInUtf8("text in UTF-16LE") },
  { file: "utf16be.csv", why: "the same the other way round", refused: notInUtf8("text in UTF-16BE") },
  { file: "utf16le-no-data.csv", why: "its mark and nothing else", refused: notInUtf8("text in UTF-16LE") },
  { file: "utf16be-no-data.csv", why: "its mark and nothing else", refused: notInUtf8("text in UTF-16BE") },
  {
    file: "utf16le-unmarked.csv",
    why: "without a mark the zeros tell",
    refused: notInUtf8("text in UTF-16LE without a byte order mark"),
  },
  {
    file: "utf16be-unmarked.csv",
    why: "without a mark the zeros tell",
    refused: notInUtf8("text in UTF-16BE without a byte order mark"),
  },
  { file: "utf32le.csv", why: "begins like UTF-16LE, and is not", refused: notInUtf8("text in UTF-32LE") },
  { file: "utf32be.csv", why: "begins with zeros", refused: notInUtf8("text in UTF-32BE") },
  { file: "latin1.csv", why: "an umlaut in one byte", refused: badLine(3, otherEncoding("F6")) },
  { file: "latin1-header.csv", why: "the same in the header", refused: badLine(1, otherEncoding("E9")) },
  {
    file: "latin1-cr-file.csv",
    why: "lines are counted in a file with CR and CRLF too",
    refused: badLine(3, otherEncoding("F6")),
  },
  { file: "windows-1252.csv", why: "the euro sign of Windows", refused: badLine(3, otherEncoding("80")) },
  { file: "windows-1251.csv", why: "Cyrillic of Windows", refused: badLine(2, otherEncoding("C0")) },
  { file: "shift-jis.csv", why: "Japanese of Windows", refused: badLine(2, otherEncoding("93")) },
  {
    file: "invalid-byte.csv",
    why: "one damaged byte in the middle of good UTF-8",
    refused: badLine(4, otherEncoding("FF")),
  },
  {
    file: "invalid-byte-in-quoted-lines.csv",
    why: "the line that holds it is named, not the one that the record begins in",
    refused: badLine(4, otherEncoding("E9")),
  },
  { file: "overlong.csv", why: "a slash in two bytes, as attacks write it", refused: badLine(3, damaged("C0")) },
  { file: "overlong-long.csv", why: "a euro sign in four bytes", refused: badLine(2, damaged("F0")) },
  {
    file: "surrogate.csv",
    why: "half of a UTF-16 pair, encoded as if it were a character",
    refused: badLine(2, damaged("ED")),
  },
  {
    file: "surrogate-pair.csv",
    why: "both halves, as Java and old databases write emoji",
    refused: badLine(2, damaged("ED")),
  },
  { file: "beyond-unicode.csv", why: "a number behind the last character", refused: badLine(2, damaged("F4")) },
  { file: "truncated-character.csv", why: "cut in the middle of a character", refused: cutCharacter(3) },
  { file: "truncated-emoji.csv", why: "cut one byte before its end", refused: cutCharacter(3) },
  {
    file: "latin1-last-byte.csv",
    why: "an accent in one byte at the very end looks the same",
    refused: cutCharacter(2),
  },
  {
    file: "scripts.csv",
    why: "Japanese, Greek, Arabic, Hebrew, Thai",
    columns: ["id", "名前"],
    records: [
      [2, "1", "山田"],
      [3, "2", "Αδα"],
      [4, "3", "عدا"],
      [5, "4", "אדה"],
      [6, "5", "อดา"],
    ],
    refused: null,
  },
  {
    file: "emoji.csv",
    why: "characters of four bytes, and several that make one sign",
    columns: ["id", "mood"],
    records: [
      [2, "1", "\u{1f642}"],
      [3, "2", "\u{1f469}\u200d\u{1f469}\u200d\u{1f467}"],
      [4, "3", "\u{1f1e9}\u{1f1ea}"],
      [5, "4", "\u{1f44d}\u{1f3fd}"],
    ],
    refused: null,
  },
  {
    file: "combining.csv",
    why: "a letter with its accent and a letter and an accent stay what they are",
    columns,
    records: [
      [2, "1", "\u00e9"],
      [3, "2", "e\u0301"],
      [4, "3", "a\u0300\u0301\u0302\u0303"],
    ],
    refused: null,
  },
  {
    file: "unusual-characters.csv",
    why: "the replacement character, what is no character, the last one, and what cannot be seen",
    columns: ["id", "sign"],
    records: [
      [2, "1", "\ufffd"],
      [3, "2", "\ufffe\uffff"],
      [4, "3", "\u{10ffff}"],
      [5, "4", "\u200b\u202eabc\u202c"],
    ],
    refused: null,
  },
  { file: "nul-in-cell.csv", why: "text has no NUL", refused: badLine(3, NUL) },
  { file: "nul-at-the-end.csv", why: "a file that a crash left padded", refused: badLine(4, NUL) },
  { file: "nul-one.csv", why: "one NUL and nothing else", refused: badLine(1, NUL) },
  { file: "nul-only.csv", why: "a file of zeros", refused: badLine(1, NUL) },
];
