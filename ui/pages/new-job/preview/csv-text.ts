// The first bytes of a file as text, as far as they are text: the server reads UTF-8 alone, and it is better told before
// a job is started that a file is something else.

export interface HeadText {
  readonly text: string;
  /** What stands in the way of reading it as CSV in UTF-8, in one or two sentences; `null` when nothing does. */
  readonly note: string | null;
  /** Nothing of it can be shown. */
  readonly isForeign: boolean;
}

const SAVE_AS_UTF8 = "Save it as CSV in UTF-8: the server refuses it as it is.";

interface Format {
  readonly begins: readonly number[];
  readonly what: string;
}

const FORMATS: readonly Format[] = [
  { begins: [0x50, 0x4b, 0x03, 0x04], what: "a workbook or a ZIP archive" },
  { begins: [0xd0, 0xcf, 0x11, 0xe0], what: "an old Excel workbook" },
  { begins: [0x1f, 0x8b], what: "a gzip archive" },
  { begins: [0x25, 0x50, 0x44, 0x46], what: "a PDF document" },
  { begins: [0x50, 0x41, 0x52, 0x31], what: "a Parquet file" },
];

/** `isWhole`: the file ends with these bytes. */
export function headText(bytes: Uint8Array, isWhole: boolean): HeadText {
  const format = FORMATS.find(({ begins }) => begins.every((byte, at) => bytes[at] === byte));
  if (format) return { text: "", isForeign: true, note: `This is ${format.what}, not CSV. ${SAVE_AS_UTF8}` };
  const utf16 = utf16Of(bytes);
  if (utf16 !== null) {
    const text = new TextDecoder(utf16).decode(bytes, { stream: !isWhole });
    return { text, isForeign: false, note: `This text is in UTF-16, not UTF-8. ${SAVE_AS_UTF8}` };
  }
  if (bytes.includes(0))
    return { text: "", isForeign: true, note: `This is not text: it holds NUL bytes. ${SAVE_AS_UTF8}` };
  return utf8Text(bytes, isWhole);
}

function utf16Of([first, second]: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : null;
}

function utf8Text(bytes: Uint8Array, isWhole: boolean): HeadText {
  try {
    // A character that the end of the head cuts in two is waited for, and not an error.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !isWhole });
    return { text: text.replace(/^\ufeff+/, ""), isForeign: false, note: null };
  } catch {
    const text = new TextDecoder("windows-1252").decode(bytes);
    const note = `This text is not in UTF-8; below it is shown as Windows-1252, which is a guess. ${SAVE_AS_UTF8}`;
    return { text, isForeign: false, note };
  }
}
