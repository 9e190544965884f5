// Every file of the corpus, with what has to become of it.
import { readdirSync, readFileSync } from "node:fs";
import type { CsvCase } from "./csv-case.ts";
import { DELIMITERS } from "./csv-cases/delimiters.ts";
import { ENCODINGS } from "./csv-cases/encodings.ts";
import { LINE_ENDS } from "./csv-cases/line-ends.ts";
import { OTHER_FORMATS } from "./csv-cases/other-formats.ts";
import { QUOTES } from "./csv-cases/quotes.ts";
import { SHAPES } from "./csv-cases/shapes.ts";
import { SIZES } from "./csv-cases/sizes.ts";

const FOLDER = new URL("./csv/", import.meta.url);

export const CSV_CASES: readonly CsvCase[] = [
  ...LINE_ENDS,
  ...QUOTES,
  ...ENCODINGS,
  ...SHAPES,
  ...DELIMITERS,
  ...OTHER_FORMATS,
  ...SIZES,
];

/** The bytes of a case's file. */
export const bytesOf = ({ file, bytes }: CsvCase): Buffer => bytes?.() ?? readFileSync(new URL(file, FOLDER));

/** The names of the stored files. */
export const storedFiles = (): readonly string[] => readdirSync(FOLDER).sort();
