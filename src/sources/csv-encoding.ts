// Tells what a file is when it is not UTF-8 text, so that the message says what to do about it.
import { PermanentError } from "../domain/interruption.ts";

/** `cr`: each CR and each LF ends a line. `lf`: LF and CRLF do. */
export type LineEnd = "lf" | "cr";

const LF = 10;
const CR = 13;
const SAVE_AS_UTF8 = "Save it as CSV in UTF-8, and upload that.";

/** First bytes of what people upload by mistake. */
const SIGNATURES: readonly { readonly bytes: readonly number[]; readonly what: string }[] = [
  { bytes: [0xff, 0xfe, 0, 0], what: "text in UTF-32LE" },
  { bytes: [0, 0, 0xfe, 0xff], what: "text in UTF-32BE" },
  { bytes: [0xff, 0xfe], what: "text in UTF-16LE" },
  { bytes: [0xfe, 0xff], what: "text in UTF-16BE" },
  { bytes: [0x1f, 0x8b], what: "a file compressed with gzip" },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: "a file compressed with Zstandard" },
  { bytes: [0x50, 0x4b, 3, 4], what: "a ZIP archive or an Excel workbook (.xlsx)" },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], what: "an Excel workbook (.xls)" },
  { bytes: [0x25, 0x50, 0x44, 0x46, 0x2d], what: "a PDF document" },
];

/** Throws a `PermanentError` (`wrong_encoding`) when the first bytes of a file belong to another format. */
export function refuseForeignFormat(name: string, head: Uint8Array): void {
  const found = SIGNATURES.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  const what = found?.what ?? unmarkedUtf16(head);
  if (what)
    throw wrongEncoding(`The file "${name}" is not CSV in UTF-8: line 1 begins like ${what}. ${SAVE_AS_UTF8}`, 1);
}

/** UTF-16 of mostly Latin text has a zero in every second byte. */
function unmarkedUtf16(head: Uint8Array): string | null {
  const length = Math.min(head.length, 200);
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i++) {
    if (head[i] !== 0) continue;
    if (i % 2 === 0) even++;
    else odd++;
  }
  if (even === 0 && odd * 4 > length) return "text in UTF-16LE without a byte order mark";
  return odd === 0 && even * 4 > length ? "text in UTF-16BE without a byte order mark" : null;
}

export interface TextBlock {
  readonly bytes: Uint8Array;
  /** The line that the block begins with. */
  readonly line: number;
  readonly lineEnd: LineEnd;
  /** The file ends with this block. */
  readonly atEnd: boolean;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes whole lines. Throws a `PermanentError` (`wrong_encoding`) that names the line which is not text in UTF-8. */
export function decodeBlock(block: TextBlock): string {
  const nul = block.bytes.indexOf(0);
  if (nul >= 0) {
    const line = lineAt(block, nul);
    throw wrongEncoding(`Line ${line} holds a NUL byte: the file is not text, or it is damaged. ${SAVE_AS_UTF8}`, line);
  }
  try {
    return utf8.decode(block.bytes);
  } catch {
    throw notUtf8(block);
  }
}

function notUtf8(block: TextBlock): PermanentError {
  const { bytes } = block;
  const { at, truncated } = firstInvalidByte(bytes);
  const line = lineAt(block, at);
  if (truncated && block.atEnd) {
    return wrongEncoding(
      `The file ends in the middle of a character, in line ${line}: it was cut off. Upload it again, whole.`,
      line,
    );
  }
  const hex = (bytes[at] ?? 0).toString(16).toUpperCase();
  return wrongEncoding(
    `Line ${line} is not UTF-8 (byte 0x${hex}): the file looks like windows-1252, which Excel calls just "CSV". ${SAVE_AS_UTF8}`,
    line,
  );
}

/** `truncated`: only its end is missing. */
function firstInvalidByte(bytes: Uint8Array): { readonly at: number; readonly truncated: boolean } {
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes[at] ?? 0);
    const character = bytes.subarray(at, at + length);
    if (length > 1 && character.length < length && character.subarray(1).every(isContinuation))
      return { at, truncated: true };
    if (length === 0 || !isCharacter(character)) return { at, truncated: false };
    at += length;
  }
  return { at, truncated: true };
}

function characterLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

const isContinuation = (byte: number) => byte >= 0x80 && byte < 0xc0;

function isCharacter(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function lineAt({ bytes, line, lineEnd }: TextBlock, index: number): number {
  let at = line;
  for (let i = 0; i < index; i++) if (bytes[i] === LF || (lineEnd === "cr" && bytes[i] === CR)) at++;
  return at;
}

function wrongEncoding(message: string, line: number): PermanentError {
  return new PermanentError(message, { code: "wrong_encoding", details: { line } });
}
