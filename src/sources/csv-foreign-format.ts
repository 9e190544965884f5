// Tells what a file is when it is no CSV in UTF-8 at all, from its first bytes, so that the message says what to do. A
// file that could be CSV is never refused here: each sign is one that no header line begins with.
import { PermanentError } from "../domain/interruption.ts";

const SAVE_AS_UTF8 = "Save it as CSV in UTF-8, and upload that.";
const UNPACK = "Unpack it, and upload the CSV file that is in it.";
const SAVE_SHEET = "Save the sheet as CSV in UTF-8, and upload that.";
const EXPORT_TABLE = "Export the table as CSV in UTF-8, and upload that.";
const DOWNLOAD_AGAIN = "Download the CSV file again: this may be an error page, or a sign-in page, in its place.";

interface ForeignFormat {
  /** Matches the first bytes, one character a byte. */
  readonly sign: RegExp;
  readonly what: string;
  readonly advice: string;
}

/** What people upload by mistake. */
const BINARY_FORMATS: readonly ForeignFormat[] = [
  { sign: /^\x1f\x8b/, what: "a file compressed with gzip", advice: UNPACK },
  { sign: /^\x28\xb5\x2f\xfd/, what: "a file compressed with Zstandard", advice: UNPACK },
  { sign: /^BZh[1-9]1AY&SY/, what: "a file compressed with bzip2", advice: UNPACK },
  { sign: /^\xfd7zXZ\0/, what: "a file compressed with xz", advice: UNPACK },
  { sign: /^7z\xbc\xaf\x27\x1c/, what: "a 7-Zip archive", advice: UNPACK },
  { sign: /^Rar!\x1a\x07/, what: "a RAR archive", advice: UNPACK },
  {
    sign: /^PK(?:\x03\x04|\x05\x06)/,
    what: "a ZIP archive or an Excel workbook (.xlsx)",
    advice: `${UNPACK} Of a workbook, save the sheet as CSV in UTF-8.`,
  },
  { sign: /^\xd0\xcf\x11\xe0/, what: "an Excel workbook (.xls)", advice: SAVE_SHEET },
  { sign: /^%PDF-/, what: "a PDF document", advice: EXPORT_TABLE },
  { sign: /^\{\\rtf/, what: "a document in rich text (.rtf)", advice: EXPORT_TABLE },
  { sign: /^\x89PNG\r\n/, what: "an image (PNG)", advice: EXPORT_TABLE },
  { sign: /^\xff\xd8\xff/, what: "an image (JPEG)", advice: EXPORT_TABLE },
  { sign: /^GIF8[79]a/, what: "an image (GIF)", advice: EXPORT_TABLE },
  { sign: /^PAR1/, what: "a Parquet file", advice: EXPORT_TABLE },
  { sign: /^SQLite format 3\0/, what: "an SQLite database", advice: EXPORT_TABLE },
];

const TEXT_FORMATS: readonly ForeignFormat[] = [
  { sign: /^<(?:!doctype html|html|table)\b/i, what: "an HTML page", advice: DOWNLOAD_AGAIN },
  { sign: /^<\?xml\b/i, what: "an XML document", advice: EXPORT_TABLE },
  { sign: /^(?:\{\s*["}]|\[\s*[{["\]])/, what: "JSON", advice: EXPORT_TABLE },
];

const ENCODINGS: readonly ForeignFormat[] = [
  { sign: /^\xff\xfe\0\0/, what: "text in UTF-32LE", advice: SAVE_AS_UTF8 },
  { sign: /^\0\0\xfe\xff/, what: "text in UTF-32BE", advice: SAVE_AS_UTF8 },
  { sign: /^\xff\xfe/, what: "text in UTF-16LE", advice: SAVE_AS_UTF8 },
  { sign: /^\xfe\xff/, what: "text in UTF-16BE", advice: SAVE_AS_UTF8 },
];

const SIGN_BYTES = 1_024;

/**
 * Throws a `PermanentError` when the first bytes of a file belong to another format (`not_csv`) or to text in another
 * encoding (`wrong_encoding`).
 */
export function refuseForeignFormat(name: string, head: Uint8Array): void {
  const bytes = head.subarray(0, SIGN_BYTES);
  const start = Buffer.from(bytes).toString("latin1");
  const text = start.replace(/^(?:\xef\xbb\xbf)?\s+|^\xef\xbb\xbf/, "");
  const format =
    BINARY_FORMATS.find(({ sign }) => sign.test(start)) ?? TEXT_FORMATS.find(({ sign }) => sign.test(text));
  if (format) throw foreign("not_csv", `The file "${name}" is not CSV`, format);
  const encoding = ENCODINGS.find(({ sign }) => sign.test(start)) ?? unmarkedUtf16(bytes);
  if (encoding) throw foreign("wrong_encoding", `The file "${name}" is not in UTF-8`, encoding);
}

/** UTF-16 of mostly Latin text has a zero in every second byte. */
function unmarkedUtf16(bytes: Uint8Array): Omit<ForeignFormat, "sign"> | null {
  const length = Math.min(bytes.length, 200);
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i++) {
    if (bytes[i] !== 0) continue;
    if (i % 2 === 0) even++;
    else odd++;
  }
  const zeros = even + odd;
  if (zeros < 2 || zeros * 4 <= length || (even > 0 && odd > 0)) return null;
  const encoding = odd > 0 ? "UTF-16LE" : "UTF-16BE";
  return { what: `text in ${encoding} without a byte order mark`, advice: SAVE_AS_UTF8 };
}

function foreign(
  code: "not_csv" | "wrong_encoding",
  problem: string,
  { what, advice }: Omit<ForeignFormat, "sign">,
): PermanentError {
  return new PermanentError(`${problem}: line 1 begins like ${what}. ${advice}`, { code, details: { line: 1 } });
}
