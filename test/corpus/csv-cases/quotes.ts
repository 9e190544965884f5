// Quotes where they belong, and where people put them.
import { type CsvCase, openQuote, rowRejected } from "../csv-case.ts";

const columns = ["id", "name"];
const said = ["id", "said"];

export const QUOTES: readonly CsvCase[] = [
  {
    file: "quoted-all.csv",
    why: "quotes around everything are no part of anything",
    columns,
    records: [
      [2, "1", "Ada"],
      [3, "2", "Bob"],
    ],
    refused: null,
  },
  {
    file: "quoted-delimiters.csv",
    why: "a delimiter inside of quotes is text",
    columns,
    records: [
      [2, "1", "Lovelace, Ada"],
      [3, "2", ","],
    ],
    refused: null,
  },
  {
    file: "quotes-doubled.csv",
    why: "two quotes inside of quotes are one",
    columns: said,
    records: [
      [2, "1", 'say "hi" twice'],
      [3, "2", '"hi"'],
    ],
    refused: null,
  },
  {
    file: "quotes-only.csv",
    why: "cells of nothing but quotes",
    columns: said,
    records: [
      [2, "1", '"'],
      [3, "2", '""'],
    ],
    refused: null,
  },
  {
    file: "quoted-empty.csv",
    why: "an empty cell is empty, with quotes or without",
    columns: ["id", "name", "note"],
    records: [
      [2, "1", "", ""],
      [3, "", "", ""],
    ],
    refused: null,
  },
  {
    file: "quoted-spaces.csv",
    why: "white space inside of quotes is text",
    columns,
    records: [
      [2, "1", " Ada "],
      [3, "2", "\t"],
    ],
    refused: null,
  },
  {
    file: "quote-in-the-middle.csv",
    why: "a quote in a cell that does not begin with one is an ordinary character",
    columns: ["id", "size"],
    records: [
      [2, "1", '5" pipe'],
      [3, "2", 'a "b" c'],
      [4, "3", 'Ada"'],
    ],
    refused: null,
  },
  {
    file: "quote-after-space.csv",
    why: "so is one behind a space: nothing is guessed, nothing is lost",
    columns: ["id", " name"],
    records: [[2, "1", ' "Ada"']],
    refused: null,
  },
  {
    file: "quote-after-space-with-comma.csv",
    why: "then its delimiter is one, and the record is told",
    columns,
    records: [
      [2, "1", ' "Lovelace', ' Ada"'],
      [3, "2", "Bob"],
    ],
    problems: { 2: "column 3: the record has 3 fields, but the header has 2" },
    refused: rowRejected(2, 'column 3: the record has 3 fields, but the header has 2 (found " Ada\\"")'),
  },
  {
    file: "text-after-quote.csv",
    why: "what was meant is not known: the record is told, as it stands",
    columns,
    records: [
      [2, "1", "Ada"],
      [3, "2", '"Bob"by'],
      [4, "3", "Cy"],
    ],
    problems: { 3: "column 2: text follows the closing quote" },
    refused: rowRejected(3, 'column 2: text follows the closing quote (found "\\"Bob\\"by")'),
  },
  {
    file: "space-after-quote.csv",
    why: "a space behind a closing quote is text too",
    columns,
    records: [
      [2, "1", '"Ada" '],
      [3, "2", "Bob"],
    ],
    problems: { 2: "column 2: text follows the closing quote" },
    refused: rowRejected(2, 'column 2: text follows the closing quote (found "\\"Ada\\" ")'),
  },
  {
    file: "backslash-escapes.csv",
    why: "MySQL's way to write a quote: told, never read as something else",
    columns: said,
    records: [
      [2, "1", '"say \\"hi\\" twice"'],
      [3, "2", "Bob"],
    ],
    problems: { 2: "column 2: text follows the closing quote" },
    refused: rowRejected(2, 'column 2: text follows the closing quote (found "\\"say \\\\\\"hi\\\\\\" twice\\"")'),
  },
  {
    file: "backslash-is-no-escape.csv",
    why: "before a line end, a quote or a delimiter, a backslash is an ordinary character",
    columns: ["id", "path"],
    records: [
      [2, "1", "C:\\temp\\"],
      [3, "2", "C:\\a,b\\"],
      [4, "3", "x\\", ""],
      [5, "4", "y"],
    ],
    problems: { 4: "column 3: the record has 3 fields, but the header has 2" },
    refused: rowRejected(4, "column 3: the record has 3 fields, but the header has 2"),
  },
  {
    file: "single-quotes.csv",
    why: "an apostrophe is no quote",
    columns,
    records: [
      [2, "1", "'Ada'"],
      [3, "2", "'Lovelace", " Ada'"],
    ],
    problems: { 3: "column 3: the record has 3 fields, but the header has 2" },
    refused: rowRejected(3, 'column 3: the record has 3 fields, but the header has 2 (found " Ada\'")'),
  },
  {
    file: "typographic-quotes.csv",
    why: "nor is what a word processor makes of it",
    columns,
    records: [
      [2, "1", "“Ada”"],
      [3, "2", "“Lovelace", " Ada”"],
    ],
    problems: { 3: "column 3: the record has 3 fields, but the header has 2" },
    refused: rowRejected(3, 'column 3: the record has 3 fields, but the header has 2 (found " Ada”")'),
  },
  {
    file: "json-in-cells.csv",
    why: "JSON in a cell comes back as the same JSON",
    columns: ["id", "data"],
    records: [[2, "1", '{"type": "Point", "at": [102.0, 0.5]}']],
    refused: null,
  },
  { file: "quote-unclosed.csv", why: "told where it begins, not where the file ends", refused: openQuote(3, 2) },
  { file: "quote-unclosed-header.csv", why: "the same in the header", refused: openQuote(1, 2) },
  {
    file: "quote-unclosed-then-another.csv",
    why: "a later quote closes it: the record that came of it is told, and nothing is lost in it",
    columns,
    records: [
      [2, "1", '"Ada\n2,"Bob"'],
      [4, "3", "Cy"],
    ],
    problems: { 2: "column 2: text follows the closing quote" },
    refused: rowRejected(2, 'column 2: text follows the closing quote (found "\\"Ada\\n2,\\"Bob\\"")'),
  },
  {
    file: "quote-truncated.csv",
    why: "cut in the middle of a quoted cell, behind a doubled quote",
    refused: openQuote(3, 2),
  },
  { file: "quote-at-the-very-end.csv", why: "cut right behind an opening quote", refused: openQuote(3, 2) },
];
