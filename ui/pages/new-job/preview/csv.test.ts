import assert from "node:assert/strict";
import { test } from "node:test";
import { kindsOf } from "./cell-kinds.ts";
import { lookOf, promisedBy } from "./column-look.ts";
import { readCsvHead } from "./csv-reader.ts";
import { headText } from "./csv-text.ts";
import { type Destination, examine } from "./preview-findings.ts";

const read = (text: string, options: { readonly delimiter?: string; readonly isWhole?: boolean } = {}) =>
  readCsvHead(text, { isWhole: true, limit: 100, ...options });
const fieldsOf = (text: string) => read(text).rows.map(({ fields }) => fields);
const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);

test("quoted fields hold delimiters, doubled quotes and line ends, and lines are counted through them", () => {
  const { header, rows } = read('a,b\n"1,""x""\r\nnext",2\n3,4');
  assert.deepEqual(header?.fields, ["a", "b"]);
  assert.deepEqual(rows, [
    { line: 2, fields: ['1,"x"\r\nnext', "2"], problem: null },
    { line: 4, fields: ["3", "4"], problem: null },
  ]);
});

test("LF, CRLF and CR end lines, and empty lines are no records", () => {
  for (const end of ["\n", "\r\n", "\r"])
    assert.deepEqual(fieldsOf(["a,b", "1,2", "", "3,4", ""].join(end)), [
      ["1", "2"],
      ["3", "4"],
    ]);
});

test("the delimiter is guessed among comma, semicolon, tab and bar", () => {
  for (const delimiter of [",", ";", "\t", "|"]) {
    const text = `name${delimiter}note\nAda${delimiter}"one, two; three"\n`;
    assert.equal(read(text).delimiter, delimiter);
  }
  assert.equal(read("name;amount\nAda;1,5\nBob;2,5\n").delimiter, ";");
  assert.equal(read("only\none\n").delimiter, ",");
});

test("a sep= line says the delimiter and is no header", () => {
  const { delimiter, header } = read("sep=;\na;b\n1;2\n");
  assert.equal(delimiter, ";");
  assert.deepEqual(header, { line: 2, fields: ["a", "b"], problem: null });
});

test("what the end of the head cuts is left out, and is there when the file ends so", () => {
  assert.deepEqual(read("a,b\n1,2\n3,4", { isWhole: false }).rows.length, 1);
  assert.deepEqual(read('a,b\n1,2\n"3', { isWhole: false }), { ...read("a,b\n1,2\n"), openQuote: null });
  assert.equal(read('a,b\n1,2\n"3').openQuote, 3);
});

test("a row with another number of fields than the header says so, with its line", () => {
  assert.deepEqual(read("a,b\n1\n1,2,3\n").rows, [
    { line: 2, fields: ["1"], problem: "1 field, but the header has 2" },
    { line: 3, fields: ["1", "2", "3"], problem: "3 fields, but the header has 2" },
  ]);
});

test("a byte order mark is no part of the text, and a character may be cut by the end of the head", () => {
  assert.deepEqual(headText(utf8("\ufeffä"), true), { text: "ä", note: null, isForeign: false });
  assert.deepEqual(headText(utf8("aä").subarray(0, 2), false), { text: "a", note: null, isForeign: false });
  assert.match(headText(utf8("aä").subarray(0, 2), true).note ?? "", /not in UTF-8/);
});

test("what is not UTF-8 is named", () => {
  const latin = headText(bytes(0x61, 0xe4, 0x0a), true);
  assert.equal(latin.text, "aä\n");
  assert.match(latin.note ?? "", /not in UTF-8/);
  assert.match(headText(bytes(0xff, 0xfe, 0x61, 0x00), true).note ?? "", /UTF-16/);
  assert.match(headText(bytes(0x50, 0x4b, 0x03, 0x04), true).note ?? "", /workbook/);
  assert.match(headText(bytes(0x61, 0x00), true).note ?? "", /NUL/);
});

const SAMPLES: readonly (readonly [cell: string, kind: string])[] = [
  ["2024-02-29", "date"],
  ["2024-02-29T10:00:00Z", "date"],
  ["29.02.2024", "date"],
  ["2/29/2024", "date"],
  ["29 Feb 2024", "date"],
  ["Feb 29, 2024", "date"],
  ["+44 7700 900123", "phone"],
  ["07700 900123", "phone"],
  ["07700900123", "phone"],
  ["(212) 555-0100", "phone"],
  ["555-0100", "phone"],
  ["+4915112345678", "phone"],
  ["ada@example.com", "email"],
  ["https://example.com/a", "url"],
  ["-12", "number"],
  ["3.25", "number"],
  ["1,234.50", "number"],
  ["1.234,50", "number"],
  ["2024", "number"],
  ["447700900123", "number"],
  ["yes", "boolean"],
];

test("cells are told apart", () => {
  for (const [cell, kind] of SAMPLES) assert.equal(kindsOf(cell)[0], kind, cell);
  for (const text of [
    "",
    "Ada",
    "10:30",
    "192.168.10.17",
    "a@b",
    "12-34-56",
    "1234 5678 9012 3456 7",
    "x".repeat(100_000),
  ])
    assert.deepEqual(kindsOf(text), [], text);
  assert.ok(kindsOf("447700900123").includes("phone"));
});

test("a column is what most of its filled cells are", () => {
  assert.equal(lookOf(["2024-01-01", "", "2024-01-02", "2024-01-03", "2024-01-04", "n/a"]).look, "date");
  assert.equal(lookOf(["2024-01-01", "n/a", "12"]).look, "mixed");
  assert.equal(lookOf(["", " "]).look, "empty");
  assert.equal(lookOf(["Ada", "Bob"]).look, "text");
});

test("names promise kinds, and further words can turn them into something else", () => {
  const promises = [
    ["phone", "phone"],
    ["Mobile phone number", "phone"],
    ["phoneNumber", "phone"],
    ["E-Mail", "email"],
    ["email address", "email"],
    ["date of birth", "date"],
    ["created_at", "date"],
    ["phone_verified_at", "date"],
    ["name", "text"],
    ["team name", "text"],
    ["is_active", "boolean"],
    ["phone_type", null],
    ["user_name", null],
    ["country code", null],
    ["reference", null],
    ["constructor", null],
  ] as const;
  for (const [name, kind] of promises) assert.equal(promisedBy(name), kind, name);
});

const findingsOf = (text: string, destination: Destination = {}) => {
  const { columns, findings } = examine(read(text), destination);
  return {
    file: findings.map((finding) => finding.text),
    columns: Object.fromEntries(
      columns.flatMap((column) =>
        column.findings.length > 0 ? [[column.name, column.findings.map(({ text: words }) => words)]] : [],
      ),
    ),
  };
};

const SWAPPED = "name,phone,joined\nAda,2024-01-05,+44 7700 900123\nBob,2024-02-06,+44 7700 900124\n";

test("swapped columns are named", () => {
  assert.deepEqual(findingsOf(SWAPPED), {
    file: ["“phone” and “joined” look swapped: each holds what the other should."],
    columns: {
      phone: ["These look like dates, not phone numbers."],
      joined: ["These look like phone numbers, not dates."],
    },
  });
});

test("columns are not called swapped where only one holds what the other should", () => {
  const { file, columns } = findingsOf("phone,joined\n2024-01-05,soon\n2024-02-06,later\n");
  assert.deepEqual(file, []);
  assert.deepEqual(columns.joined, ["Most of these do not look like dates."]);
  assert.deepEqual(findingsOf("joined,phone\nsoon,2024-01-05\nlater,2024-02-06\n").file, []);
});

test("swapped names and e-mail addresses are named", () => {
  const { file } = findingsOf("name,email\nada@example.com,Ada\nbob@example.com,Bob\n");
  assert.deepEqual(file, ["“name” and “email” look swapped: each holds what the other should."]);
});

test("a file that is right has no findings", () => {
  const text =
    "name,phone,email,joined,age\nAda,+44 7700 900123,ada@example.com,2024-01-05,36\nBob,,bob@example.com,2024-01-06,\n";
  assert.deepEqual(findingsOf(text), { file: [], columns: {} });
});

test("a chosen type that cells do not fit is told with the first line, and what they look like", () => {
  const { columns } = findingsOf(SWAPPED, { types: { joined: "date" } });
  assert.deepEqual(columns.joined, [
    "These look like phone numbers, not dates.",
    "2 cells of 2 are refused, the first in line 2: not dates such as 2024-02-29.",
  ]);
  assert.deepEqual(findingsOf("a\n1\n2\n", { types: { a: "date" } }).columns.a, [
    "2 cells of 2 are refused, the first in line 2: not dates such as 2024-02-29. They look like numbers.",
  ]);
  assert.deepEqual(findingsOf("a,b\n1,x\ny,z\n", { types: { a: "integer" } }).columns.a, [
    "1 cell of 2 is refused, the first in line 3: not whole numbers.",
  ]);
});

test("a type is suggested only where every cell fits and the name does not speak against it", () => {
  const types = (text: string) => examine(read(text), {}).columns.map(({ suggestion }) => suggestion);
  assert.deepEqual(types("name,age,score,joined\nAda,3,1.5,2024-01-01\nBob,4,2,2024-01-02\n"), [
    null,
    "integer",
    "number",
    "date",
  ]);
  assert.deepEqual(types(SWAPPED), [null, null, null]);
  assert.deepEqual(types("joined\n01.02.2024\n"), [null]);
});

test("columns that the dataset lacks, or that hold something else there, are told", () => {
  const existing = { name: "people", columns: ["name", "phone"] };
  assert.deepEqual(findingsOf("name,telefon\nAda,+44 7700 900123\n", { existing }).file, [
    "The columns are not those of the dataset “people”: the file lacks “phone” and also has “telefon”.",
  ]);
  assert.deepEqual(findingsOf("phone,name\n+44 7700 900123,Ada\n", { existing }).file, []);
  assert.deepEqual(findingsOf("a,b\nx,2024-01-01\n", { samples: { b: ["12", "13"] } }).columns.b, [
    "These look like dates. In the dataset this column holds numbers.",
  ]);
});

test("what is wrong with the header is told", () => {
  assert.deepEqual(findingsOf("").file, ["The file is empty. Its first line has to name the columns."]);
  assert.deepEqual(findingsOf("a,\n1,2\n").file, ["Column 2 has no name."]);
  assert.deepEqual(findingsOf("a,a\n1,2\n").file, ["Two columns are named “a”."]);
  assert.deepEqual(findingsOf("a,b\n1,2\n", { needed: ["name"] }).file, ["The file has no column “name”."]);
  assert.deepEqual(findingsOf("a\n1\n", { types: { b: "date" } }).file, [
    "A type is chosen for “b”, and the file has no such column.",
  ]);
  assert.deepEqual(findingsOf("Ada,2024-01-01\nBob,2024-01-02\n").file, [
    "The first line should name the columns, and holds “2024-01-01”: is the header missing?",
  ]);
});

test("rows that do not fit the header are told, the first with its line", () => {
  assert.deepEqual(findingsOf("a,b\n1,2\n3\n4\n").file, [
    "Line 3: 1 field, but the header has 2. 1 more line like it.",
  ]);
});
