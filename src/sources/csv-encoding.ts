// Decodes the lines of a file, and says which of them is not text in UTF-8, and why. Nothing is ever replaced by a
// substitute character.
import { PermanentError } from "../domain/interruption.ts";

/** `cr`: CR, LF and CRLF each end a line. `lf`: LF and CRLF do. */
export type LineEnd = "lf" | "cr";

const LF = 10;
const CR = 13;
const SAVE_AS_UTF8 = "Save it as CSV in UTF-8, and upload that.";

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
      `The file ends in the middle of a character, in line ${line}: it was cut off, or is in another encoding. Upload it again, whole and in UTF-8.`,
      line,
    );
  }
  const [lead = 0, next = 0] = bytes.subarray(at);
  const hex = lead.toString(16).toUpperCase();
  const why =
    lead >= 0xc0 && isContinuation(next)
      ? "the text is damaged"
      : 'it is damaged, or in another encoding, perhaps windows-1252, which Excel calls just "CSV"';
  return wrongEncoding(`Line ${line} is not UTF-8 (byte 0x${hex}): ${why}. ${SAVE_AS_UTF8}`, line);
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
  for (let i = 0; i < index; i++)
    if (bytes[i] === LF || (lineEnd === "cr" && bytes[i] === CR && bytes[i + 1] !== LF)) at++;
  return at;
}

function wrongEncoding(message: string, line: number): PermanentError {
  return new PermanentError(message, { code: "wrong_encoding", details: { line } });
}
