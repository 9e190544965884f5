// Headers, records of the wrong length, and cells that programs like to change: every cell stays the text that it is.
import { badHeader, type CsvCase, noHeader, rowRejected } from "../csv-case.ts";

const columns = ["id", "name"];

const HEADERS: readonly CsvCase[] = [
  { file: "empty.csv", why: "no bytes at all", refused: noHeader(1) },
  { file: "only-lf.csv", why: "a line end and nothing else", refused: noHeader(1) },
  { file: "only-blank-lines.csv", why: "several of them", refused: noHeader(1) },
  {
    file: "only-spaces.csv",
    why: "spaces are a column without a name",
    columns: ["   "],
    records: [],
    refused: badHeader(1, "column 1 has no name"),
  },
  {
    file: "only-delimiters.csv",
    why: "three columns without a name",
    columns: ["", "", ""],
    records: [[2, "", "", ""]],
    refused: badHeader(1, "column 1 has no name"),
  },
  { file: "header-only.csv", why: "no rows is no error", columns, records: [], refused: null },
  { file: "header-only-no-end.csv", why: "nor without a line end", columns, records: [], refused: null },
  {
    file: "header-duplicate.csv",
    why: "which of the two is meant cannot be known",
    columns: ["id", "name", "id"],
    records: [[2, "1", "Ada", "2"]],
    refused: badHeader(1, 'columns 1 and 3 are both named "id"'),
  },
  {
    file: "header-empty-name.csv",
    why: "a column without a name cannot be asked for",
    columns: ["id", "", "name"],
    records: [[2, "1", "x", "Ada"]],
    refused: badHeader(1, "column 2 has no name"),
  },
  {
    file: "header-trailing-delimiter.csv",
    why: "a delimiter at the end of each line is a column without a name",
    columns: ["id", "name", ""],
    records: [[2, "1", "Ada", ""]],
    refused: badHeader(1, "column 3 has no name"),
  },
  {
    file: "header-spaces.csv",
    why: "spaces around a name are part of it, as RFC 4180 says",
    columns: [" id ", " full name "],
    records: [[2, "1", "Ada"]],
    refused: null,
  },
  {
    file: "header-case.csv",
    why: "names that differ in case are different names",
    columns: ["Name", "name", "NAME"],
    records: [[2, "a", "b", "c"]],
    refused: null,
  },
  {
    file: "header-line-end.csv",
    why: "a name may hold a line end",
    columns: ["id", "full\nname"],
    records: [[3, "1", "Ada"]],
    refused: null,
  },
  {
    file: "header-text-after-quote.csv",
    why: "a header that cannot be read is told as such",
    refused: {
      code: "bad_header",
      line: 1,
      message:
        "The header in line 1 cannot be read: column 2: text follows the closing quote. Correct that line, and upload the file again.",
    },
  },
  {
    file: "header-object-names.csv",
    why: "names that mean something to JavaScript mean nothing here",
    columns: ["__proto__", "constructor", "toString"],
    records: [[2, "1", "2", "3"]],
    refused: null,
  },
  {
    file: "header-numbers.csv",
    why: "names that are numbers do not change the order of the columns",
    columns: ["2", "10", "1"],
    records: [[2, "b", "j", "a"]],
    refused: null,
  },
  {
    file: "header-below-title.csv",
    why: "a title above the header is taken for the header: told at the first row",
    columns: ["Contacts of May"],
    records: [
      [2, "id", "name"],
      [3, "1", "Ada"],
    ],
    problems: {
      2: "column 2: the record has 2 fields, but the header has 1",
      3: "column 2: the record has 2 fields, but the header has 1",
    },
    refused: rowRejected(2, 'column 2: the record has 2 fields, but the header has 1 (found "name")'),
  },
  {
    file: "header-below-comment.csv",
    why: "there are no comments in CSV",
    columns: ["# made by hand"],
    records: [
      [2, "id", "name"],
      [3, "1", "Ada"],
    ],
    problems: {
      2: "column 2: the record has 2 fields, but the header has 1",
      3: "column 2: the record has 2 fields, but the header has 1",
    },
    refused: rowRejected(2, 'column 2: the record has 2 fields, but the header has 1 (found "name")'),
  },
];

const RECORDS: readonly CsvCase[] = [
  {
    file: "rows-too-short.csv",
    why: "a record is never filled up",
    columns: ["id", "name", "city"],
    records: [
      [2, "1", "Ada", "London"],
      [3, "2", "Bob"],
      [4, "3"],
    ],
    problems: {
      3: "column 3: the record has 2 fields, but the header has 3",
      4: "column 2: the record has 1 field, but the header has 3",
    },
    refused: rowRejected(3, "column 3: the record has 2 fields, but the header has 3"),
  },
  {
    file: "rows-too-long.csv",
    why: "a record is never cut",
    columns,
    records: [
      [2, "1", "Ada"],
      [3, "2", "Bob", "Berlin"],
      [4, "3", "Cy", "", ""],
    ],
    problems: {
      3: "column 3: the record has 3 fields, but the header has 2",
      4: "column 3: the record has 4 fields, but the header has 2",
    },
    refused: rowRejected(3, 'column 3: the record has 3 fields, but the header has 2 (found "Berlin")'),
  },
  {
    file: "rows-trailing-delimiter.csv",
    why: "a delimiter at the end of the rows only is a field too many",
    columns,
    records: [
      [2, "1", "Ada", ""],
      [3, "2", "Bob", ""],
    ],
    problems: {
      2: "column 3: the record has 3 fields, but the header has 2",
      3: "column 3: the record has 3 fields, but the header has 2",
    },
    refused: rowRejected(2, "column 3: the record has 3 fields, but the header has 2"),
  },
  {
    file: "rows-without-values.csv",
    why: "a record of empty cells is a record: only empty lines are left out",
    columns,
    records: [
      [2, "1", "Ada"],
      [3, "", ""],
      [4, "", ""],
    ],
    refused: null,
  },
  {
    file: "one-column.csv",
    why: "no delimiter is needed",
    columns: ["name"],
    records: [
      [2, "Ada"],
      [3, "Bob"],
    ],
    refused: null,
  },
  {
    file: "one-column-empty-values.csv",
    why: "a pair of quotes is an empty cell, an empty line is nothing",
    columns: ["name"],
    records: [
      [2, "Ada"],
      [3, ""],
      [5, "Bob"],
    ],
    refused: null,
  },
  {
    file: "one-column-commas.csv",
    why: "a comma in the only column has to be quoted, and that is told",
    columns: ["note"],
    records: [
      [2, "hello", " world"],
      [3, "bye"],
    ],
    problems: { 2: "column 2: the record has 2 fields, but the header has 1" },
    refused: rowRejected(2, 'column 2: the record has 2 fields, but the header has 1 (found " world")'),
  },
];

const CELLS: readonly CsvCase[] = [
  {
    file: "white-space.csv",
    why: "no space is taken away",
    columns,
    records: [
      [2, " 1 ", "  Ada"],
      [3, "\t2\t", "Bob  "],
      [4, "3", " "],
    ],
    refused: null,
  },
  {
    file: "control-characters.csv",
    why: "control characters other than NUL are text",
    columns: ["id", "text"],
    records: [
      [2, "1", "a\u0001b\u0007c\u001bd"],
      [3, "2", "\u007f\u001e\u001f"],
    ],
    refused: null,
  },
  {
    file: "ctrl-z.csv",
    why: "the end mark of DOS is no record that fits, and it is shown",
    columns,
    records: [
      [2, "1", "Ada"],
      [3, "\u001a"],
    ],
    problems: { 3: "column 2: the record has 1 field, but the header has 2" },
    refused: rowRejected(3, "column 2: the record has 1 field, but the header has 2"),
  },
  {
    file: "invisible-cell.csv",
    why: "what nobody can see is shown in the message",
    columns,
    records: [[2, "1", "Ada", "\ufeff\u00a0 "]],
    problems: { 2: "column 3: the record has 3 fields, but the header has 2" },
    refused: rowRejected(2, 'column 3: the record has 3 fields, but the header has 2 (found "\\u{FEFF}\\u{A0} ")'),
  },
  {
    file: "formulas.csv",
    why: "what a spreadsheet would run is text",
    columns: ["id", "text"],
    records: [
      [2, "1", "=1+1"],
      [3, "2", '=HYPERLINK("http://example.com","x")'],
      [4, "3", "+49 170 1"],
      [5, "4", "@SUM(A1)"],
      [6, "5", "-2"],
    ],
    refused: null,
  },
  {
    file: "numbers.csv",
    why: "numbers keep their zeros, digits and signs",
    columns: ["id", "number"],
    records: [
      [2, "1", "007"],
      [3, "2", "1e5"],
      [4, "3", "12345678901234567890"],
      [5, "4", "1.10"],
      [6, "5", "-0"],
      [7, "6", "1/2"],
    ],
    refused: null,
  },
  {
    file: "coordinates.csv",
    why: "a delimiter in a name and in a value",
    columns: ["place", "lat, lon"],
    records: [[2, "here", "52.5, 13.4"]],
    refused: null,
  },
  {
    file: "null-words.csv",
    why: "words for nothing are words",
    columns: ["id", "value"],
    records: [
      [2, "1", "NULL"],
      [3, "2", "null"],
      [4, "3", "\\N"],
      [5, "4", "N/A"],
      [6, "5", "undefined"],
      [7, "6", "NaN"],
      [8, "7", "true"],
    ],
    refused: null,
  },
  {
    file: "html-in-cells.csv",
    why: "markup is text",
    columns: ["id", "text"],
    records: [
      [2, "1", "<b>bold</b> &amp; more"],
      [3, "2", '<a href="x,y">z</a>'],
    ],
    refused: null,
  },
];

export const SHAPES: readonly CsvCase[] = [...HEADERS, ...RECORDS, ...CELLS];
