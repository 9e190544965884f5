// The corpus against the reader: header, records, problems, lines, count, and reading on from every cursor, however the
// bytes arrive; and csv-parse as a judge of its own.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "csv-parse/sync";
import type { SourceContext, SourceEntry } from "../../src/ports/record-source.ts";
import {
  type CsvOptions,
  type CsvRecord,
  countCsvRecords,
  csvRecords,
  readCsvHeader,
} from "../../src/sources/csv-records.ts";
import { type CsvCase, isReadable, type ReadableCase } from "./csv-case.ts";
import { bytesOf, CSV_CASES, storedFiles } from "./csv-cases.ts";

type Entry = SourceEntry<CsvRecord>;

/** Chunk sizes: all at once, as the file store gives them, and, for small files, so that every character is cut. */
const WHOLE = Number.POSITIVE_INFINITY;
const STORED = 65_536;
const SMALL_FILE = 1_000;
const chunkings = (bytes: Buffer) => (bytes.length < SMALL_FILE ? [WHOLE, 1, 2, 3, 7] : [WHOLE, STORED, 60_001]);

function contextOf(bytes: Buffer, chunkBytes: number): SourceContext {
  async function* read(start = 0): AsyncGenerator<Uint8Array> {
    for (let at = start; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  return { openFile: async (id) => ({ id, name: "rows.csv", size: bytes.length, read }) };
}

async function entriesOf(
  context: SourceContext,
  options: CsvOptions,
  cursor: Entry["cursor"] = null,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const group of csvRecords("file", options).entries(context, cursor)) entries.push(...group);
  return entries;
}

const optionsOf = (one: CsvCase): CsvOptions => (isReadable(one) && one.given ? { delimiter: one.given } : {});
const readable = CSV_CASES.filter(isReadable);
const unreadable = CSV_CASES.filter((one) => !isReadable(one));

test("every stored file has a case, and every case without a generator a file", () => {
  const named = CSV_CASES.filter((one) => !one.bytes).map((one) => one.file);
  assert.deepEqual(named.sort(), storedFiles());
  assert.ok(named.length >= 60);
  assert.equal(new Set(CSV_CASES.map((one) => one.file)).size, CSV_CASES.length);
});

describe("a file that can be read", () => {
  for (const one of readable) test(`${one.file}: ${one.why}`, () => checkRecords(one));
});

async function checkRecords(one: ReadableCase): Promise<void> {
  const bytes = bytesOf(one);
  const options = optionsOf(one);
  for (const chunkBytes of chunkings(bytes)) {
    const context = contextOf(bytes, chunkBytes);
    const header = { columns: one.columns, delimiter: one.delimiter ?? ",", line: one.headerLine ?? 1 };
    assert.deepEqual(await readCsvHeader(context, "file", options), header);
    const entries = await entriesOf(context, options);
    assert.deepEqual(
      entries.map(({ item }) => [item.line, ...item.fields]),
      one.records,
    );
    assert.deepEqual(problemsOf(entries), one.problems ?? {});
    assert.equal(await countCsvRecords(context, "file", options), one.records.length);
    for (const [index, { cursor }] of entries.entries())
      assert.deepEqual(await entriesOf(context, options, cursor), entries.slice(index + 1));
  }
}

function problemsOf(entries: readonly Entry[]): Record<number, string> {
  const problems = entries.flatMap(({ item }) =>
    item.problem ? [[item.line, `column ${item.problem.column}: ${item.problem.reason}`]] : [],
  );
  return Object.fromEntries(problems);
}

describe("a file that cannot be read", () => {
  for (const one of unreadable) test(`${one.file}: ${one.why}`, () => checkRefusal(one));
});

async function checkRefusal(one: CsvCase): Promise<void> {
  const bytes = bytesOf(one);
  for (const chunkBytes of chunkings(bytes)) {
    const context = contextOf(bytes, chunkBytes);
    await assert.rejects(entriesOf(context, {}), (error: Error) => {
      assert.ok("code" in error && "details" in error);
      const { line } = Object(error.details);
      assert.deepEqual({ code: error.code, line, message: error.message }, one.refused);
      return true;
    });
    await countCsvRecords(context, "file").catch((error) => assert.equal(error.code, one.refused?.code));
  }
}

test("reading on from a record before the damage ends with the same words", async () => {
  for (const one of unreadable) {
    const context = contextOf(bytesOf(one), STORED);
    const cursors: Entry["cursor"][] = [];
    const reading = async (cursor: Entry["cursor"]) => {
      for await (const group of csvRecords("file").entries(context, cursor))
        cursors.push(...group.map((entry) => entry.cursor));
    };
    await assert.rejects(reading(null), { message: one.refused?.message }, one.file);
    for (const cursor of cursors.slice(0, 20))
      await assert.rejects(reading(cursor), { message: one.refused?.message }, one.file);
  }
});

describe("csv-parse", () => {
  for (const one of readable) {
    const verdict = one.csvParseDiffers ? `cuts otherwise: it ${one.csvParseDiffers}` : "cuts the same";
    test(`${one.file}: ${verdict}`, () => {
      const cut = cutByCsvParse(one);
      const ours = [one.columns, ...one.records.map(([, ...fields]) => fields)];
      if (one.csvParseDiffers) assert.notDeepEqual(cut, ours);
      else assert.deepEqual(cut, ours);
    });
  }
});

/** It is told the line ends: of itself, it takes the first one for the only one. */
function cutByCsvParse(one: ReadableCase): string[][] | string {
  const lineEnds = one.lineEnds === "cr" ? ["\r\n", "\n", "\r"] : ["\r\n", "\n"];
  const options = { bom: true, skip_empty_lines: true, relax_quotes: true, relax_column_count: true };
  try {
    return parse(bytesOf(one), { ...options, delimiter: one.delimiter ?? ",", record_delimiter: lineEnds });
  } catch (error) {
    return String(error);
  }
}
