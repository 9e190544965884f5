// What the corpus says of a file: how the reader has to cut it, or why nobody can, and what `csv-import` says of it.
// Invariant: messages stand here word for word, because they are what a person gets to see.

/** The line that a record begins in, then its fields. */
export type ExpectedRecord = readonly [line: number, ...fields: string[]];

/** What is told when the file is refused. */
export interface Refusal {
  readonly code: string;
  readonly line: number;
  readonly message: string;
}

interface CorpusFile {
  /** Its name in test/corpus/csv, or of the file that `bytes` makes. */
  readonly file: string;
  /** Why it is here. */
  readonly why: string;
  /** Makes what is too large to be stored. */
  readonly bytes?: () => Buffer;
}

/** A file that can be cut into records. */
export interface ReadableCase extends CorpusFile {
  /** The delimiter that the user names. Without it, it has to be detected. */
  readonly given?: string;
  /** What stands between the fields. Default: a comma. */
  readonly delimiter?: string;
  /** `cr`: its first line ends with a lone CR, so every CR ends a line. Default: LF and CRLF do. */
  readonly lineEnds?: "cr";
  /** The line of the header. Default 1. */
  readonly headerLine?: number;
  readonly columns: readonly string[];
  readonly records: readonly ExpectedRecord[];
  /** By line: why a record does not fit, as `rejected.csv` tells it. */
  readonly problems?: Readonly<Record<number, string>>;
  /** What the import says; `null`: it takes every record. */
  readonly refused: Refusal | null;
  /** Where `csv-parse` cuts the file otherwise: how, and why we do not. */
  readonly csvParseDiffers?: string;
}

/** A file that is refused before, or while, it is cut into records. */
export interface UnreadableCase extends CorpusFile {
  readonly refused: Refusal;
}

export type CsvCase = ReadableCase | UnreadableCase;

export const isReadable = (one: CsvCase): one is ReadableCase => "columns" in one;

/** A record of the file does not fit. `what` begins with its column. */
export const rowRejected = (line: number, what: string): Refusal => ({
  code: "row_rejected",
  line,
  message: `No row may be rejected: line ${line}, ${what}. Correct the file, or raise maxRejected to put such rows aside.`,
});

/** The names of the columns cannot be used. */
export const badHeader = (line: number, what: string): Refusal => ({
  code: "bad_header",
  line,
  message: `The header in line ${line} cannot be used: ${what}. Correct that line, or say which delimiter the file has.`,
});

/** There is no line that names columns. */
export const noHeader = (line: number): Refusal => ({
  code: "empty_file",
  line,
  message: `The file "rows.csv" is empty: it has no header. Put the names of its columns into line ${line}, and upload it again.`,
});

/** The file is something else. */
export const notCsv = (what: string, advice: string): Refusal => ({
  code: "not_csv",
  line: 1,
  message: `The file "rows.csv" is not CSV: line 1 begins like ${what}. ${advice}`,
});

/** The file is text, in an encoding that can be told from its beginning. */
export const notInUtf8 = (what: string): Refusal => ({
  code: "wrong_encoding",
  line: 1,
  message: `The file "rows.csv" is not in UTF-8: line 1 begins like ${what}. Save it as CSV in UTF-8, and upload that.`,
});

/** A line is not text in UTF-8. */
export const badLine = (line: number, what: string): Refusal => ({
  code: "wrong_encoding",
  line,
  message: `Line ${line} ${what}. Save it as CSV in UTF-8, and upload that.`,
});

/** The file ends too early. */
export const cutCharacter = (line: number): Refusal => ({
  code: "wrong_encoding",
  line,
  message: `The file ends in the middle of a character, in line ${line}: it was cut off, or is in another encoding. Upload it again, whole and in UTF-8.`,
});

/** A quote stays open to the end of the file. */
export const openQuote = (line: number, column: number): Refusal => ({
  code: "unterminated_quote",
  line,
  message: `The quote that begins in line ${line}, column ${column}, is never closed. Close it, or double it if it belongs to the text; if the file was cut off, upload it again, whole.`,
});
