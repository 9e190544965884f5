import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import type { SourceContext, SourceEntry } from "../ports/record-source.ts";
import { type CsvOptions, type CsvRecord, countCsvRecords, csvRecords, readCsvHeader } from "./csv-records.ts";

type Entry = SourceEntry<CsvRecord>;

/** A file in memory that arrives in chunks of `chunkBytes`; of several sizes, in turn. */
function contextOf(
  content: string | Uint8Array,
  chunkBytes: number | readonly number[] = Number.POSITIVE_INFINITY,
): SourceContext {
  const bytes = Buffer.from(content);
  const sizes = [chunkBytes].flat();
  async function* read(start = 0): AsyncGenerator<Uint8Array> {
    let at = start;
    for (let turn = 0; at < bytes.length; turn++) {
      const end = at + (sizes[turn % sizes.length] ?? bytes.length);
      yield bytes.subarray(at, end);
      at = end;
    }
  }
  return { openFile: async (id) => ({ id, name: "people.csv", size: bytes.length, read }) };
}

async function entriesOf(
  context: SourceContext,
  options: CsvOptions = {},
  cursor: Entry["cursor"] = null,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const group of csvRecords("file", options).entries(context, cursor)) {
    assert.ok(group.length > 0);
    entries.push(...group);
  }
  return entries;
}

const recordsOf = async (content: string | Uint8Array, options: CsvOptions = {}) =>
  (await entriesOf(contextOf(content), options)).map((entry) => entry.item);

const fieldsOf = async (content: string, options: CsvOptions = {}) =>
  (await recordsOf(content, options)).map((record) => record.fields);

test("the header is no record, and lines count from 1", async () => {
  assert.deepEqual(await recordsOf("name,age\nAda,36\nBob,7\n"), [
    { line: 2, fields: ["Ada", "36"], problem: null },
    { line: 3, fields: ["Bob", "7"], problem: null },
  ]);
});

test("without a header the first record is one", async () => {
  assert.deepEqual(await fieldsOf("a,b\nc,d", { header: false }), [
    ["a", "b"],
    ["c", "d"],
  ]);
});

test("a byte order mark is no part of the first column's name", async () => {
  const header = await readCsvHeader(contextOf("\ufeffname;age\n1;2\n"), "file");
  assert.deepEqual(header, { columns: ["name", "age"], delimiter: ";", line: 1 });
  assert.deepEqual(await fieldsOf("\ufeffname;age\n1;2\n"), [["1", "2"]]);
});

test("LF, CRLF and lone CR end lines, and the last line needs no end", async () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    for (const last of ["", end, end + end]) {
      const records = await recordsOf(`a,b${end}1,2${end}${end}3,4${last}`);
      assert.deepEqual(
        records.map(({ line, fields }) => [line, fields]),
        [
          [2, ["1", "2"]],
          [4, ["3", "4"]],
        ],
      );
    }
  }
});

test("a CR in the middle of a line of a file with LF is data", async () => {
  assert.deepEqual(await fieldsOf("a,b\n1\r2,3\n"), [["1\r2", "3"]]);
});

test("quoted fields hold delimiters, line ends and doubled quotes, and lines go on counting", async () => {
  const records = await recordsOf('a,b\n"x,""y""\r\nz\n",1\n\n"",2\n');
  assert.deepEqual(records, [
    { line: 2, fields: ['x,"y"\r\nz\n', "1"], problem: null },
    { line: 6, fields: ["", "2"], problem: null },
  ]);
});

test("a quote inside a field that does not begin with one is an ordinary character", async () => {
  assert.deepEqual(await fieldsOf('a,b\n5" pipe,x "y"\n'), [['5" pipe', 'x "y"']]);
});

test("an empty value of the only column is written as a pair of quotes; an empty line is nothing", async () => {
  assert.deepEqual(await fieldsOf('a\n1\n\n""\n2\n'), [["1"], [""], ["2"]]);
});

test("the delimiter is detected", async () => {
  const samples: readonly (readonly [string, string])[] = [
    ["a,b\n1,2\n", ","],
    ["a;b\n1,5;2\n", ";"],
    ["a\tb\n1\t2", "\t"],
    ["a|b|c\n", "|"],
    ["name, first;age\nx;1\ny;2\n", ";"],
    ['"a;b";"c,d"\n"1,2,3";4\n', ";"],
    ["one\ntwo\n", ","],
    ["", ","],
  ];
  for (const [content, delimiter] of samples) {
    if (content === "") continue;
    assert.equal((await readCsvHeader(contextOf(content), "file")).delimiter, delimiter, content);
  }
});

test("a delimiter that is given wins, whatever character it is", async () => {
  assert.deepEqual(await fieldsOf("a;b,c\n1;2,3\n", { delimiter: "," }), [["1;2", "3"]]);
  assert.deepEqual(await fieldsOf("a→b\n1→2\n", { delimiter: "→" }), [["1", "2"]]);
  assert.equal(await countCsvRecords(contextOf('a→b\n→"x\ny"\n'), "file", { delimiter: "→" }), 1);
  await assert.rejects(fieldsOf("a,b\n", { delimiter: '"' }), { code: "bad_delimiter" });
  await assert.rejects(fieldsOf("a,b\n", { delimiter: "||" }), { code: "bad_delimiter" });
});

test("a record with another number of fields than the header carries a problem, and the rest goes on", async () => {
  const records = await recordsOf("a,b\n1\n1,2,3\n4,5\n");
  assert.deepEqual(
    records.map(({ line, problem }) => ({ line, problem })),
    [
      { line: 2, problem: { column: 2, reason: "the record has 1 field, but the header has 2" } },
      { line: 3, problem: { column: 3, reason: "the record has 3 fields, but the header has 2" } },
      { line: 4, problem: null },
    ],
  );
});

test("text behind a closing quote is a problem of its record only", async () => {
  const records = await recordsOf('a,b\n1,"x"y\n2,"z"\n');
  assert.deepEqual(records, [
    { line: 2, fields: ["1", '"x"y'], problem: { column: 2, reason: "text follows the closing quote" } },
    { line: 3, fields: ["2", "z"], problem: null },
  ]);
});

test("a quote that is never closed is reported where it began", async () => {
  await assert.rejects(fieldsOf('a,b\n1,2\n3,"x\ny\nz,4\n'), (error: Error) => {
    assert.match(error.message, /begins in line 3, column 2, is never closed/);
    return true;
  });
});

test("a file without a header line is refused", async () => {
  for (const content of ["", "\n\r\n\n", "\ufeff"])
    await assert.rejects(fieldsOf(content), { code: "empty_file" }, JSON.stringify(content));
});

test("a file that is only a header has no records", async () => {
  assert.deepEqual(await fieldsOf("a,b"), []);
});

test("what a file is instead of UTF-8 is named", async () => {
  const text = "name,city\nAda,Köln\n";
  const utf16 = Buffer.from(text, "utf16le");
  const files: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), /UTF-16LE/],
    [Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]), /UTF-16BE/],
    [utf16, /UTF-16LE without a byte order mark/],
    [Buffer.from(utf16).swap16(), /UTF-16BE without a byte order mark/],
    [Buffer.from(text, "latin1"), /Line 2 is not UTF-8 \(byte 0xF6\).*windows-1252/],
    [Buffer.from("a,b\n1,2\n3,\0\n"), /Line 3 holds a NUL byte/],
    [Buffer.from("a,b\n1,2\n3,ö").subarray(0, -1), /ends in the middle of a character, in line 3/],
  ];
  for (const [content, message] of files) {
    await assert.rejects(recordsOf(content), { code: "wrong_encoding", message });
  }
});

test("a field over the limit is a problem, a record over the limit ends the reading", async () => {
  const limits = { maxFieldBytes: 10, maxRecordBytes: 40 };
  const [record] = await recordsOf(`a,b\n1,${"ä".repeat(6)}\n`, limits);
  assert.deepEqual(record?.problem, { column: 2, reason: "the field is larger than 10 bytes, the limit" });
  await assert.rejects(recordsOf(`a,b\n1,2\n3,${"x".repeat(50)}\n`, limits), {
    code: "record_too_large",
    message: /line 3/,
  });
});

test("a record over the limit is refused before it is all in memory", async () => {
  const content = `a,b\n1,"${"x\n".repeat(300_000)}`;
  await assert.rejects(recordsOf(content, { maxRecordBytes: 300_000 }), {
    code: "record_too_large",
    message: /line 2 .* column 2/,
  });
});

test("a record within the limit is taken, however much of the file arrives with it", async () => {
  const big = "x".repeat(100_000);
  const records = await recordsOf(`a,b\n1,${big}\n${"2,3\n".repeat(100_000)}`, { maxRecordBytes: 200_000 });
  assert.equal(records.length, 100_001);
  assert.equal(records[0]?.fields[1], big);
});

test("what follows an open quote is neither read nor counted beyond the limit of a record", async () => {
  let read = 0;
  async function* endless(start = 0): AsyncGenerator<Uint8Array> {
    if (start === 0) yield Buffer.from('a,b\n1,2\n3,"');
    for (; read < 100_000_000; read += 65_536) yield Buffer.alloc(65_536, "x\n");
  }
  const context: SourceContext = {
    openFile: async (id) => ({ id, name: "endless.csv", size: 100_000_000, read: endless }),
  };
  const limits = { delimiter: ",", header: false, maxRecordBytes: 1_000_000 };
  assert.equal(await countCsvRecords(context, "file", limits), 2);
  await assert.rejects(entriesOf(context, limits), { code: "record_too_large" });
  assert.ok(read < 10_000_000, `${read} bytes were read`);
});

test("a record may be as large as the limit, and larger than any chunk", async () => {
  const big = `${"line\n".repeat(150_000)}`;
  const entries = await entriesOf(contextOf(`a,b\n1,"${big}"\n2,3\n`, 10_000));
  assert.equal(entries[0]?.item.fields[1], big);
  assert.deepEqual(entries[1]?.item, { line: 150_003, fields: ["2", "3"], problem: null });
});

test("a cursor of another source is refused", async () => {
  await assert.rejects(entriesOf(contextOf("a\n1\n"), {}, 7), { code: "bad_cursor" });
});

test("a number of records that is known is not counted again", async () => {
  const total = await csvRecords("file", { total: 12 }).total?.(contextOf("a\n1\n"));
  assert.deepEqual(total, { total: 12, unit: "rows" });
});

const value = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "ä", "€", "🙂", '"', ",", ";", "\n", "\r", " ", "\t"), maxLength: 6 }),
  fc.string({ unit: "grapheme", maxLength: 4 }).map((text) => text.replaceAll("\0", "")),
);

interface Sheet {
  readonly content: string;
  readonly rows: readonly (readonly string[])[];
  readonly delimiter: string;
}

const sheet: fc.Arbitrary<Sheet> = fc
  .record({
    width: fc.integer({ min: 1, max: 4 }),
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    recordDelimiter: fc.constantFrom("\n", "\r\n", "\r"),
    bom: fc.boolean(),
    lastLineEnd: fc.boolean(),
    quoteAll: fc.boolean(),
  })
  .chain((shape) =>
    fc.array(fc.array(value, { minLength: shape.width, maxLength: shape.width }), { maxLength: 12 }).map((rows) => {
      const header = Array.from({ length: shape.width }, (_, index) => `column ${index}`);
      const text = stringify([header, ...rows], {
        delimiter: shape.delimiter,
        record_delimiter: shape.recordDelimiter,
        bom: shape.bom,
        quoted: shape.quoteAll,
        quoted_match: /[\r\n]/,
        quoted_empty: shape.width === 1,
        eof: shape.lastLineEnd,
      });
      return { content: text, rows, delimiter: shape.delimiter };
    }),
  );

test("any records that are written as CSV come back as the same records, and are counted right", async () => {
  await fc.assert(
    fc.asyncProperty(sheet, async ({ content, rows, delimiter }) => {
      const records = await recordsOf(content, { delimiter });
      assert.deepEqual(
        records.map((record) => record.fields),
        rows,
      );
      assert.equal(await countCsvRecords(contextOf(content), "file", { delimiter }), rows.length);
    }),
    { numRuns: 500 },
  );
});

test("any well-formed file is read as csv-parse reads it", async () => {
  await fc.assert(
    fc.asyncProperty(sheet, async ({ content, delimiter }) => {
      const [header = [], ...rows]: string[][] = parse(content, { delimiter, bom: true, skip_empty_lines: true });
      const read = await readCsvHeader(contextOf(content), "file", { delimiter });
      assert.deepEqual(read.columns, header);
      assert.deepEqual(
        (await recordsOf(content, { delimiter })).map((record) => record.fields),
        rows,
      );
    }),
    { numRuns: 300 },
  );
});

test("reading on from any cursor gives exactly the rest", async () => {
  await fc.assert(
    fc.asyncProperty(sheet, async ({ content, delimiter }) => {
      const all = await entriesOf(contextOf(content), { delimiter });
      for (const [index, { cursor }] of all.entries()) {
        const stored = JSON.parse(JSON.stringify(cursor));
        assert.deepEqual(await entriesOf(contextOf(content), { delimiter }, stored), all.slice(index + 1));
      }
    }),
    { numRuns: 200 },
  );
});

test("any text gives the same records, problems, cursors and count however its bytes arrive", async () => {
  const anyText = fc.string({ unit: fc.constantFrom("a", "ä", '"', ",", "\n", "\r"), maxLength: 60 });
  const outcome = async (context: SourceContext) =>
    entriesOf(context, { delimiter: "," }).catch((error: Error) => `${error.name}: ${error.message}`);
  await fc.assert(
    fc.asyncProperty(anyText, fc.integer({ min: 1, max: 9 }), async (text, chunkBytes) => {
      const whole = await outcome(contextOf(text));
      assert.deepEqual(await outcome(contextOf(text, chunkBytes)), whole);
      if (typeof whole === "string") return;
      assert.equal(await countCsvRecords(contextOf(text, chunkBytes), "file", { delimiter: "," }), whole.length);
    }),
    { numRuns: 1_000 },
  );
});

/** Rows whose lines end in different ways: any of them when the first is CR, else LF and CRLF. */
const mixedSheet = fc.constantFrom("\n", "\r\n", "\r").chain((firstEnd) =>
  fc.record({
    firstEnd: fc.constant(firstEnd),
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    rows: fc.array(
      fc.record({
        cells: fc.tuple(value, value),
        end: firstEnd === "\r" ? fc.constantFrom("\n", "\r\n", "\r") : fc.constantFrom("\n", "\r\n"),
      }),
      { maxLength: 12 },
    ),
    cuts: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
    resumeAt: fc.nat(),
  }),
);

test("records are the same, and name their lines, when line ends are mixed, bytes are cut anywhere and reading resumes anywhere", async () => {
  await fc.assert(
    fc.asyncProperty(mixedSheet, async ({ firstEnd, delimiter, rows, cuts, resumeAt }) => {
      const options = { delimiter, quoted_match: /[\r\n]/, eof: false };
      let content = stringify([["first", "second"]], options) + firstEnd;
      const expected = rows.map(({ cells, end }) => {
        const line = content.split(firstEnd === "\r" ? /\r\n|\r|\n/ : "\n").length;
        content += stringify([cells], options) + end;
        return { line, fields: cells, problem: null };
      });
      const context = contextOf(content, cuts);
      const all = await entriesOf(context, { delimiter });
      assert.deepEqual(
        all.map((entry) => entry.item),
        expected,
      );
      const index = resumeAt % (all.length + 1);
      const cursor = all[index - 1]?.cursor ?? null;
      assert.deepEqual(await entriesOf(context, { delimiter }, cursor), all.slice(index));
    }),
    { numRuns: 500 },
  );
});

test("records that span blocks are the same as records that do not", async () => {
  const rows = Array.from({ length: 9_000 }, (_, n) => [
    `${n}`,
    n % 7 === 0 ? `"ä"\n${"x".repeat(n % 90)},` : `plain ${n}`,
  ]);
  const content = stringify([["id", "text"], ...rows]);
  const all = await entriesOf(contextOf(content));
  assert.deepEqual(
    all.map((entry) => entry.item.fields),
    rows,
  );
  assert.deepEqual(await entriesOf(contextOf(content, 4_099)), all);
  for (const index of [0, 1_234, 4_567, 8_998]) {
    assert.deepEqual(await entriesOf(contextOf(content, 70_000), {}, all[index]?.cursor ?? null), all.slice(index + 1));
  }
});
